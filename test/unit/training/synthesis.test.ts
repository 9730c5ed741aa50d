import { existsSync } from 'node:fs';
import { LEVEL_NAMES } from '../../../src/levels/types';
import { Random } from '../../../training/tools/random';
import { gaussianBlur, newRaster, smoothNoise } from '../../../training/synthesis/raster';
import { growSpine } from '../../../training/synthesis/spine';
import {
  BODY_NAMES,
  readSpineCurves,
  sampleSpineCurve,
  type BodyName,
} from '../../../training/synthesis/spineCurves';
import { synthesizeItem } from '../../../training/synthesis/synthesizeItem';
import { synthesizeMany } from '../../../training/synthesis/synthesizeMany';

const KEYPOINTS = '../shared/data/shapes/vid_keypoints.csv.gz';

/** Published distances to the named body: mean and standard deviation down, mean step back, mm. */
const PUBLISHED: readonly (readonly [BodyName, number, number, number])[] = [
  ['T10', 24.4, 2.4, -5.6],
  ['T11', 26.1, 2.6, -6.4],
  ['T12', 28.4, 2.7, -7.2],
  ['L1', 30.9, 3.4, -8.2],
  ['L2', 32.8, 2.9, -9.4],
  ['L3', 34.4, 2.9, -8.2],
  ['L4', 35.8, 2.8, -3.8],
  ['L5', 35.3, 3.4, 4.1],
];

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, sd: Math.sqrt(variance) };
}

describe('gaussianBlur', () => {
  it('spreads a point into a Gaussian of the same sum', () => {
    const plane = newRaster(41, 41);
    plane.data[20 * 41 + 20] = 1;
    const { data } = gaussianBlur(plane, 2, 3);
    let [sum, rows, columns] = [0, 0, 0];
    data.forEach((value, i) => {
      sum += value;
      rows += value * (Math.floor(i / 41) - 20) ** 2;
      columns += value * ((i % 41) - 20) ** 2;
    });
    expect(sum).toBeCloseTo(1, 5);
    expect(Math.abs(Math.sqrt(rows) - 2)).toBeLessThan(0.05);
    expect(Math.abs(Math.sqrt(columns) - 3)).toBeLessThan(0.07);
  });

  it('leaves a constant alone, up to the edges', () => {
    const { data } = gaussianBlur(newRaster(9, 7, 5), 4, 4);
    for (const value of data) expect(value).toBeCloseTo(5, 4);
  });
});

describe('smoothNoise', () => {
  it('has mean 0, standard deviation 1 and no jumps between neighbours', () => {
    const { data } = smoothNoise(Random.ofStream(3), 80, 60, 8);
    const { mean, sd } = moments([...data]);
    expect(mean).toBeCloseTo(0, 3);
    expect(sd).toBeCloseTo(1, 2);
    const steps = [...data].slice(1).filter((_, i) => (i + 1) % 60 !== 0);
    const jumps = steps.map((_, i) => Math.abs(data[i + 1] - data[i]));
    expect(moments(jumps).mean).toBeLessThan(0.3);
  });
});

describe('spine curves', () => {
  const count = 1500;
  const curves = Array.from({ length: count }, (_, i) => sampleSpineCurve(Random.ofStream(5, i)));

  it.each(PUBLISHED)(
    'sampled without data have the published step to %s',
    (name, down, sd, back) => {
      const above = BODY_NAMES[BODY_NAMES.indexOf(name) - 1];
      const z = moments(curves.map((curve) => curve[name]!.z - curve[above]!.z));
      const y = moments(curves.map((curve) => curve[name]!.y - curve[above]!.y));
      expect(Math.abs(z.mean - down)).toBeLessThan((3 * sd) / Math.sqrt(count));
      expect(Math.abs(z.sd - sd)).toBeLessThan(0.1 * sd);
      expect(Math.abs(y.mean - back)).toBeLessThan((3 * y.sd) / Math.sqrt(count));
    },
  );

  const present = existsSync(KEYPOINTS) ? it : it.skip;
  present('read from keypoints have the published steps', () => {
    const real = readSpineCurves(KEYPOINTS)!;
    expect(real.length).toBeGreaterThan(1000);
    for (const [name, down, , back] of PUBLISHED.slice(3)) {
      const above = BODY_NAMES[BODY_NAMES.indexOf(name) - 1];
      const z = moments(real.map((curve) => curve[name]!.z - curve[above]!.z));
      const y = moments(real.map((curve) => curve[name]!.y - curve[above]!.y));
      expect(Math.abs(z.mean - down)).toBeLessThan(0.5);
      expect(Math.abs(y.mean - back)).toBeLessThan(0.5);
    }
  });

  it('are sampled when there is no keypoint file', () => {
    expect(readSpineCurves('no/such/file.csv.gz')).toBeNull();
  });

  it('refuse a file that is no keypoint table, by name', () => {
    expect(() => readSpineCurves('package.json')).toThrow(/package\.json is not a gzip file/);
  });
});

describe('growSpine', () => {
  const spines = Array.from({ length: 800 }, (_, i) => growSpine(Random.ofStream(9, i), null));

  it('puts S1 below and behind L5 as measured, give or take wear and size', () => {
    const down = moments(spines.map(({ bodies, sacrum }) => sacrum[0].z - bodies[13].z));
    const back = moments(spines.map(({ bodies, sacrum }) => sacrum[0].y - bodies[13].y));
    expect(Math.abs(down.mean - 27.3)).toBeLessThan(1.5);
    expect(Math.abs(down.sd - 4.4)).toBeLessThan(1.5);
    expect(Math.abs(back.mean - 22.3)).toBeLessThan(1.5);
  });

  it('tilts the sacrum back by about 50 degrees and bends it forward below', () => {
    const tilt = moments(spines.map(({ sacrum }) => (sacrum[0].angle * 180) / Math.PI));
    expect(tilt.mean).toBeGreaterThan(40);
    expect(tilt.mean).toBeLessThan(55);
    expect(tilt.sd).toBeGreaterThan(8);
    const bent = spines.filter(({ sacrum }) => sacrum[4].angle < sacrum[0].angle);
    expect(bent.length).toBeGreaterThan(0.95 * spines.length);
  });

  it('varies the anchor: worn discs L5-S1 stand closer, some S1 keep a disc below', () => {
    const gap = ({ bodies, sacrum, size }: (typeof spines)[number]) =>
      Math.hypot(sacrum[0].y - bodies[13].y, sacrum[0].z - bodies[13].z) / size;
    const worn = spines.filter(({ lumbosacralWear }) => lumbosacralWear > 0.7).map(gap);
    const whole = spines.filter(({ lumbosacralWear }) => lumbosacralWear < 0.35).map(gap);
    expect(worn.length).toBeGreaterThan(50);
    expect(moments(worn).mean).toBeLessThan(moments(whole).mean - 2);
    const remnants = spines.filter(({ s1Remnant }) => s1Remnant > 2.5).length / spines.length;
    expect(remnants).toBeGreaterThan(0.07);
    expect(remnants).toBeLessThan(0.18);
  });
});

describe('synthesizeItem', () => {
  const items = Array.from({ length: 16 }, (_, i) => synthesizeItem(2, i, null));
  const ofSpines = items.filter(({ levels }) => levels.length > 0);

  it('depends on its seed and index only', () => {
    expect(synthesizeItem(2, 3, null)).toEqual(items[3]);
    expect(synthesizeItem(3, 3, null).max).not.toEqual(items[3].max);
  });

  it('does not depend on the number of workers', async () => {
    const run = (workers: number) => synthesizeMany({ count: 3, seed: 2, curves: null, workers });
    expect(await run(1)).toEqual(items.slice(0, 3));
    expect(await run(2)).toEqual(items.slice(0, 3));
  }, 60000);

  it('labels every level, in anatomical order, at plausible distances', () => {
    expect(ofSpines.length).toBeGreaterThan(12);
    for (const item of ofSpines) {
      expect(item.levels.map(({ name }) => name)).toEqual([...LEVEL_NAMES]);
      for (let i = 1; i < item.levels.length; i++) {
        const [above, here] = [item.levels[i - 1], item.levels[i]];
        expect(here.row).toBeGreaterThan(above.row);
        const apart = 2 * Math.hypot(here.row - above.row, here.column - above.column);
        expect(apart).toBeGreaterThan(12);
        expect(apart).toBeLessThan(60);
      }
    }
  });

  it('never has a mean above the maximum, and single slices have both the same', () => {
    let single = 0;
    for (const { max, mean } of items) {
      expect(max.every((value, i) => value >= mean[i] - 1)).toBe(true);
      if (max.every((value, i) => value === mean[i])) single++;
    }
    expect(single).toBeGreaterThan(1);
    expect(single).toBeLessThan(13);
  });

  it('keeps the endplate of S1, which the count starts from', () => {
    const ct = ofSpines.filter(({ modality }) => modality === 'CT');
    const visible = ct.filter((item) => {
      const [l5, s1] = item.levels.slice(-2);
      const values = (from: number, to: number) =>
        Array.from({ length: 30 }, (_, i) => {
          const t = from + ((to - from) * i) / 29;
          const row = Math.round(l5.row + t * (s1.row - l5.row));
          const column = Math.round(l5.column + t * (s1.column - l5.column));
          return item.max[row * item.width + column];
        });
      const plate = Math.max(...values(0.45, 0.8));
      return plate > Math.min(...values(0.35, 0.55)) + 15 && plate > values(1, 1)[0] + 15;
    });
    expect(visible.length).toBeGreaterThan(0.75 * ct.length);
  });

  it('paints CT bodies brighter at their labels than half-way to the next one', () => {
    const brightness = (item: (typeof items)[number], row: number, column: number) => {
      const values: number[] = [];
      for (let r = -2; r <= 2; r++)
        for (let c = -3; c <= 3; c++) {
          const index = (Math.round(row) + r) * item.width + Math.round(column) + c;
          values.push(item.mean[index]);
        }
      return moments(values).mean;
    };
    const ct = ofSpines.filter(({ modality }) => modality === 'CT');
    expect(ct.length).toBeGreaterThan(7);
    const differences = ct.map((item) => {
      const lumbar = item.levels.filter(({ name }) => name.startsWith('L'));
      const steps = lumbar.slice(1).map((here, i) => {
        const above = lumbar[i];
        const body = brightness(item, above.row, above.column);
        return (
          body - brightness(item, (here.row + above.row) / 2, (here.column + above.column) / 2)
        );
      });
      return Math.abs(moments(steps).mean);
    });
    const distinct = differences.filter((difference) => difference > 4).length;
    expect(distinct).toBeGreaterThan(0.8 * ct.length);
  });
});
