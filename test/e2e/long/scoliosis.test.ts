import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { measurements, openStudy, openViewer, type OpenViewer } from '../harness';
import { ensureScoliosis, type PhantomStudy } from '../phantoms/phantoms';
import { clickFindL3, complaints, positionsIn, searched, shownZ, TOLERANCE_MM } from '../search';

let folder: string;
let study: PhantomStudy;
let viewer: OpenViewer;

beforeAll(async () => {
  ({ folder, study } = await ensureScoliosis());
  viewer = await openViewer({ folders: [folder] });
}, 300_000);

afterAll(() => viewer?.close());

test('a spine bent to the side: the slice of L3', async () => {
  const { page } = viewer;
  await openStudy(viewer, study.studyInstanceUID);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  await viewer.screenshot('variant-scoliosis');
  const off = Math.abs((await shownZ(page, await positionsIn(folder))) - study.truth.L3[2]);
  expect(off).toBeLessThanOrEqual(TOLERANCE_MM);
  expect((await measurements(page)).map(({ label }) => label)).toEqual(['L3']);
  expect(complaints(viewer.log)).toEqual([]);
}, 120_000);
