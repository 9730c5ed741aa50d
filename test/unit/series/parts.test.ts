import fc from 'fast-check';
import { phrasesText } from '../../../src/reasons/phrases';
import { assembleSeries } from '../../../src/series/assembleSeries';
import type { Series, SliceDescription } from '../../../src/series/types';
import { axialAt, describeSeries, SAGITTAL, stack } from './describedSeries';

function assembled(slices: SliceDescription[], part?: string): Series {
  const named = slices.map((s, i) => ({ ...s, sopInstanceUID: `1.2.${i}` }));
  const check = assembleSeries(describeSeries(named), part);
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

const heights = ({ slices }: Series) => slices.map(({ position }) => position[2]);
const codes = ({ warnings }: Series) => warnings.map(({ code }) => code);
const partName = ({ part }: Series) => part && phrasesText(part.name);

/** Two scans over the same 200 mm, told apart by what only the second one's images carry. */
const two = (first: Partial<SliceDescription>, second: Partial<SliceDescription>, shiftMm = 0) => [
  ...stack(40, 5, first),
  ...stack(40, 5, second, shiftMm),
];

describe('scans that cannot be one', () => {
  it.each<[string, SliceDescription[]]>([
    ['patient 1 of 2', two({ patientID: 'A' }, { patientID: 'B' }, 300)],
    ['study 1 of 2', two({ studyInstanceUID: '1.1' }, { studyInstanceUID: '1.2' }, 200)],
    ['frame of reference 1 of 2', two({ frameOfReferenceUID: '1.1' }, {}, 200)],
    ['phase 1', two({ temporalPositionIdentifier: 1 }, { temporalPositionIdentifier: 2 })],
    ['echo 1', two({ echoNumber: 1 }, { echoNumber: 2 })],
    ['acquisition 1', two({ acquisitionNumber: 1 }, { acquisitionNumber: 2 })],
    ['acquisition 1', two({ acquisitionNumber: 1 }, { acquisitionNumber: 2 }, 1)],
    ['acquisition 1', two({ acquisitionNumber: 1 }, { acquisitionNumber: 2 }, 32.5)],
    ['acquisition 1', two({ acquisitionNumber: 1 }, { acquisitionNumber: 2 }, 34)],
    ['trigger time 0 ms', two({ triggerTime: 0 }, { triggerTime: 400 })],
    ['echo time 2.3 ms', two({ echoTime: 2.3 }, { echoTime: 4.6 })],
    ['kernel B30f', two({ convolutionKernel: 'B30f' }, { convolutionKernel: 'B60f' })],
    [
      'image type ORIGINAL/W',
      two({ imageType: ['ORIGINAL', 'W'] }, { imageType: ['ORIGINAL', 'X'] }),
    ],
    [
      'images of 256 x 256 x 1.60 mm',
      two({ rows: 256, columns: 256, pixelSpacing: [1.6, 1.6] }, {}),
    ],
    ['pass 1 of 2', two({}, {})],
    ['pass 1 of 2', two({}, {}, 1)],
    ['pass 1 of 2', two({}, {}, 37)],
    [
      'acquisition 1, kernel B30f',
      ['B30f', 'B60f'].flatMap((convolutionKernel) =>
        two(
          { acquisitionNumber: 1, convolutionKernel },
          { acquisitionNumber: 2, convolutionKernel },
        ),
      ),
    ],
  ])('are told apart, and one is taken: %s', (name, slices) => {
    const series = assembled(slices);
    expect(partName(series)).toBe(name);
    expect(heights(series)).toEqual(stack(40, 5).map((s) => s.imagePositionPatient![2]));
    expect(codes(series)).toEqual(['several-parts']);
    expect(series.warnings[0].message).toContain(`Searched: ${name}.`);
    expect(series.otherParts).toHaveLength(slices.length / 40 - 1);
    expect(new Set([name, ...series.otherParts.map((part) => phrasesText(part.name))]).size).toBe(
      slices.length / 40,
    );
  });

  it.each<[string, number, Partial<SliceDescription>]>([
    ['each complete alone', 2.5, { sliceThickness: 5 }],
    ['that end apart', 7.5, {}],
  ])('are no interleaved acquisitions: %s', (_name, shiftMm, extra) => {
    const slices = [1, 2].flatMap((n) =>
      stack(100, 5, { ...extra, acquisitionNumber: n }, n === 2 ? shiftMm : 0),
    );
    expect(codes(assembled(slices))).toEqual(['several-parts']);
  });

  it('are the same parts in whatever order the images come', () => {
    const slices = two({ acquisitionNumber: 1 }, { acquisitionNumber: 2 }, 1).map((s, i) => ({
      ...s,
      sopInstanceUID: `1.2.${i}`,
    }));
    fc.assert(
      fc.property(fc.shuffledSubarray(slices, { minLength: slices.length }), (shuffled) => {
        const check = assembleSeries(describeSeries(shuffled));
        if (!check.ok) throw new Error(check.reason.message);
        expect(partName(check.series)).toBe('acquisition 1');
        expect(check.series.slices.map((s) => s.sopInstanceUID)).toEqual(
          slices.slice(0, 40).map((s) => s.sopInstanceUID),
        );
        expect(check.series.sourceIndex.map((i) => shuffled[i].acquisitionNumber)).toEqual(
          Array(40).fill(1),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('without an attribute that differs are told apart by the order of their making', () => {
    const made = two({}, {}).map((s, i) => ({ ...s, instanceNumber: i + 1 }));
    const mixed = [...made].sort(
      (a, b) => ((a.instanceNumber * 7) % 80) - ((b.instanceNumber * 7) % 80),
    );
    const { sourceIndex } = assembled(mixed);
    expect(sourceIndex.map((i) => mixed[i].instanceNumber)).toEqual(
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    const inTurn = stack(40, 5).flatMap((s, i) => [
      { ...s, acquisitionTime: `09150${i % 10}.1`, instanceNumber: 2 * i },
      { ...s, acquisitionTime: `09150${i % 10}.2`, instanceNumber: 2 * i + 1 },
    ]);
    expect(assembled(inTurn).sourceIndex.every((i) => i % 2 === 0)).toBe(true);
  });

  it('are searched by name', () => {
    const slices = two({ acquisitionNumber: 1 }, { acquisitionNumber: 2 }, 34);
    expect(heights(assembled(slices, 'acquisition 2'))[0]).toBe(34);
    expect(partName(assembled(slices, 'acquisition 7'))).toBe('acquisition 1');
  });

  it('that are higher, else of more slices, are taken', () => {
    const low = stack(20, 5, { acquisitionNumber: 1 });
    const high = stack(30, 10, { acquisitionNumber: 2 });
    expect(partName(assembled([...low, ...high]))).toBe('acquisition 2');
    const thin = stack(150, 2, { acquisitionNumber: 3 });
    expect(partName(assembled([...low, ...high, ...thin]))).toBe('acquisition 3');
  });

  it('that cannot be read are not offered', () => {
    const series = assembled([
      ...stack(40, 5, { frameOfReferenceUID: '1.1' }),
      ...stack(2, 5, { frameOfReferenceUID: '1.2' }),
    ]);
    expect(series.slices).toHaveLength(40);
    expect(series.otherParts).toEqual([]);
    expect(codes(series)).toEqual(['several-parts']);
  });

  it('of sagittal slices are told apart, single ones too', () => {
    const sagittal = (x: number, extra: Partial<SliceDescription>) =>
      axialAt(0, { imageOrientationPatient: SAGITTAL, imagePositionPatient: [x, 0, 0], ...extra });
    const three = [0, 5, 10];
    const slices = [1, 2].flatMap((n) => three.map((x) => sagittal(x, { acquisitionNumber: n })));
    expect(assembled(slices).slices).toHaveLength(3);
    expect(
      assembled([sagittal(0, { echoTime: 10 }), sagittal(0, { echoTime: 80 })]).slices,
    ).toHaveLength(1);
  });
});

describe('what is one scan stays one', () => {
  it.each<[string, SliceDescription[], string[]]>([
    [
      'acquisitions that continue each other',
      [...stack(20, 5, { acquisitionNumber: 1 }), ...stack(20, 5, { acquisitionNumber: 2 }, 100)],
      [],
    ],
    [
      'an acquisition number for each image',
      stack(40, 5).map((s, i) => ({ ...s, acquisitionNumber: i, triggerTime: 3 * i })),
      [],
    ],
    [
      'numbers that follow no order',
      stack(40, 5).map((s, i) => ({ ...s, acquisitionNumber: (i * i) % 3, sliceThickness: 5 })),
      [],
    ],
    [
      'kernels that change on the way',
      stack(40, 5).map((s, i) => ({ ...s, convolutionKernel: i < 15 ? 'B60f' : 'B30f' })),
      [],
    ],
    [
      'images that do not say what all others say',
      stack(40, 5).map((s, i) => ({
        ...s,
        echoNumber: i === 7 ? null : 1,
        patientID: i === 3 ? null : 'A',
      })),
      [],
    ],
    [
      'identifiers that are new with each image',
      stack(40, 5).map((s, i) => ({
        ...s,
        frameOfReferenceUID: `1.${i}`,
        studyInstanceUID: `2.${i}`,
      })),
      [],
    ],
    [
      'odd and even slices in turn',
      stack(40, 5).map((s, i) => ({ ...s, acquisitionNumber: i % 2, sliceThickness: 5 })),
      ['interleaved-acquisitions'],
    ],
    [
      'breath-holds that lie over each other on the way',
      [
        ...stack(37, 5, { acquisitionNumber: 1, sliceThickness: 5 }),
        ...stack(59, 5, { acquisitionNumber: 2, sliceThickness: 5 }, 79.25),
      ],
      ['interleaved-acquisitions', 'uneven-spacing'],
    ],
    [
      'a few positions twice where acquisitions meet',
      [...stack(22, 5, { acquisitionNumber: 1 }), ...stack(20, 5, { acquisitionNumber: 2 }, 100)],
      ['duplicate-positions'],
    ],
  ])('%s', (_name, slices, warnings) => {
    const series = assembled(slices);
    expect(series.part).toBeNull();
    expect(series.slices.length).toBe(new Set(slices.map((s) => s.imagePositionPatient![2])).size);
    expect(codes(series)).toEqual(warnings);
  });
});
