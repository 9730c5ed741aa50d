import type { SeriesDescription } from '../../src/series/types';
import { axialDescription, SPACING_MM, TOP_Z_MM } from './fixtures';
import { answered, host, measurements, resetFinder, run, settled, startHost } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);

/** The CT again, its slices moved by mm along z, as an acquisition after contrast is. */
function venous(byMm: number): SeriesDescription {
  const { slices, ...series } = axialDescription('1.2.3.2');
  return {
    ...series,
    slices: slices.map((slice, i) => ({
      ...slice,
      imagePositionPatient: [-200, -200, TOP_Z_MM + byMm - i * SPACING_MM],
    })),
  };
}

/** 15 sagittal slices of 280 x 280 mm about x = 0, in the CT's frame of reference. */
function sagittalReformats(): SeriesDescription {
  const { slices, ...series } = axialDescription('1.2.3.3');
  return {
    ...series,
    slices: Array.from({ length: 15 }, (_, i) => ({
      ...slices[0],
      sopInstanceUID: `1.2.3.3.${i + 1}`,
      imagePositionPatient: [-28 + 4 * i, -140, 90],
      imageOrientationPatient: [0, 1, 0, 0, 0, -1],
      pixelSpacing: [1, 1],
      rows: 280,
      columns: 280,
    })),
  };
}

test('a volume view goes to an acquired slice of the series that it shows', async () => {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  host.addDisplaySet('ds-2', venous(2));
  const own = host.addVolume('own', 'ds-1', [0, 0, -1]);
  const other = host.addVolume('other', 'ds-2', [0, 0, -1]);
  host.enterMode();
  await run('findL3');
  expect(own.getCamera().focalPoint[2]).toBeCloseTo(-50);
  // The venous slices lie at -48 and -53; L3 at -50.
  expect(other.getCamera().focalPoint[2]).toBeCloseTo(-48);
});

test('a view tilted by more than 45 degrees is no axial one, and follows no drag', async () => {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  const [steep, oblique] = [50, 40].map((degrees) => {
    const [sin, cos] = [Math.sin, Math.cos].map((f) => f((degrees * Math.PI) / 180));
    const tilted: [number, number, number] = [sin * Math.SQRT1_2, sin * Math.SQRT1_2, cos];
    return host.addVolume(`tilted-${degrees}`, 'ds-1', tilted);
  });
  host.enterMode();
  await run('findL3');
  const before = [steep.jumps.length, oblique.jumps.length];
  await run('moveLevelMark', { zMm: -70 });
  await settled();
  expect([steep.jumps.length, oblique.jumps.length]).toEqual([before[0], before[1] + 1]);
});

test('a mark moves the axial stack of its own series, not another one beside it', async () => {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  host.addDisplaySet('ds-2', venous(0));
  const own = host.addStack('own', 'ds-1');
  const other = host.addStack('other', 'ds-2');
  host.enterMode();
  await run('findL3');
  await run('moveLevelMark', { zMm: -70 });
  await settled();
  expect([own.index, other.index]).toEqual([34, 0]);
  host.viewports.delete('own');
  await run('moveLevelMark', { zMm: -80 });
  await settled();
  expect(other.index).toBe(36);
  expect(answered().shown).toMatchObject({ isMark: true, slice: { number: 37 } });
});

test('to show a mark, a sagittal stack of its series goes to the slice through it', async () => {
  await startHost();
  host.addDisplaySet('sag', sagittalReformats());
  const stack = host.addStack('sag', 'sag', [1, 0, 0]);
  host.enterMode();
  await run('takeLevelTool');
  host.press('sag', [4, 10, -50]);
  await settled();
  expect(measurements()).toHaveLength(1);
  await stack.setImageIdIndex(2);
  await run('showLevelMark');
  await settled();
  expect(stack.index).toBe(8);
});
