import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStudy, openViewer, outcome, shownImages, type OpenViewer } from './harness';
import {
  ensureMrPhantoms,
  ensurePhantoms,
  type MrPhantoms,
  type Phantoms,
} from './phantoms/phantoms';
import { axialAt, press, view, views } from './reviewViews';
import {
  clickFindL3,
  complaints,
  positionsIn,
  searched,
  showSeries,
  TOLERANCE_MM,
  waitUntilShown,
} from './search';

/** From the middle of T12 to where the last rib ends at its vertebra, backwards, mm. */
const RIB_BEHIND_MM = 25;

let phantoms: Phantoms;
let mr: MrPhantoms;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  mr = await ensureMrPhantoms();
  viewer = await openViewer({ folders: [phantoms.folder, mr.folder] });
}, 300_000);

afterAll(() => viewer?.close());

test('Review L3 of a CT: three planes at L3, the last rib in the coronal one, and back', async () => {
  const { page } = viewer;
  const { abdomen } = phantoms;
  const [x, , z] = abdomen.truth.L3;
  await openStudy(viewer, abdomen.studyInstanceUID);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  await press(page);
  await axialAt(page, z);
  const rib = abdomen.truth.T12;
  const [sagittal, coronal, axial] = await views(page, [rib]);
  expect([sagittal, coronal, axial].map(({ id }) => id)).toEqual([
    'findL3-sagittal',
    'findL3-coronal',
    'findL3-axial',
  ]);
  expect(Math.abs(sagittal.normal[0])).toBeCloseTo(1, 3);
  expect(Math.abs(sagittal.focalPoint[0] - x)).toBeLessThan(10);
  expect(Math.abs(axial.focalPoint[2] - z)).toBeLessThanOrEqual(TOLERANCE_MM);
  expect(Math.abs(coronal.normal[1])).toBeCloseTo(1, 3);
  // Where the rib begins lies in the slab, and in the picture.
  const behind = Math.abs(rib[1] + RIB_BEHIND_MM - coronal.focalPoint[1]);
  expect(behind).toBeLessThan(coronal.slabMm! / 2);
  for (const share of coronal.shares[0]) {
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.98);
  }
  expect(sagittal.slabMm).toBeLessThan(5);
  await waitUntilShown(page, 'L3');
  await viewer.screenshot('review-1-found');

  await press(page);
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 1,
  );
  const [former, ...others] = await views(page);
  expect([former.id.startsWith('findL3'), others]).toEqual([false, []]);
  await waitUntilShown(page, 'L3');
  await viewer.screenshot('review-2-former');
  expect(complaints(viewer.log)).toEqual([]);
}, 300_000);

test('Review L3 of an MR: the sagittal series and the axial slice through L3, as acquired', async () => {
  const { page } = viewer;
  const { studyInstanceUID, seriesInstanceUIDs, truth } = mr.spine;
  const positions = await positionsIn(mr.folder);
  await openStudy(viewer, studyInstanceUID);
  await showSeries(page, seriesInstanceUIDs.t2);
  await clickFindL3(page);
  expect(await outcome(page)).toBe('found');
  await press(page);
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 2,
  );
  await waitUntilShown(page, 'L3');
  const shown = await shownImages(page);
  expect(shown.map(({ viewportId, type }) => [viewportId, type])).toEqual([
    ['findL3-own', 'stack'],
    ['findL3-axial', 'stack'],
  ]);
  const axial = await view(page, 'findL3-axial');
  const position = positions.get(shown[1].sopInstanceUID!)!;
  const off = axial.normal.reduce((sum, n, i) => sum + n * (truth.L3[i] - position[i]), 0);
  expect(Math.abs(off)).toBeLessThanOrEqual(TOLERANCE_MM);
  await viewer.screenshot('review-4-mr');
  await press(page);
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 1,
  );
  expect(complaints(viewer.log)).toEqual([]);
}, 240_000);
