import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import dicomParser from 'dicom-parser';
import type { Page } from 'playwright-core';
import { openStudy, openViewer, outcome, shownImages, type OpenViewer } from './harness';
import { ensureMrPhantoms, type MrPhantoms } from './phantoms/phantoms';
import { clickFindL3, complaints, showSeries, TOLERANCE_MM, waitUntilShown } from './search';

/** Image plane of a file, LPS mm, read from the file. */
interface FilePlane {
  readonly series: string;
  readonly instanceNumber: number;
  readonly position: readonly number[];
  readonly normal: readonly number[];
}

let mr: MrPhantoms;
let planes: ReadonlyMap<string, FilePlane>;
let viewer: OpenViewer;

beforeAll(async () => {
  mr = await ensureMrPhantoms();
  planes = await planesIn(mr.folder);
  viewer = await openViewer({ folders: [mr.folder] });
}, 300_000);

afterAll(() => viewer?.close());

async function planesIn(folder: string): Promise<ReadonlyMap<string, FilePlane>> {
  const found = new Map<string, FilePlane>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith('.dcm')) continue;
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    const dataSet = dicomParser.parseDicom(bytes, { untilTag: 'x7fe00010' });
    const numbers = (tag: string) => dataSet.string(tag)!.split('\\').map(Number);
    const [a, b, c, d, e, f] = numbers('x00200037');
    found.set(dataSet.string('x00080018')!, {
      series: dataSet.string('x0020000e')!,
      instanceNumber: Number(dataSet.string('x00200013')),
      position: numbers('x00200032'),
      normal: [b * f - c * e, c * d - a * f, a * e - b * d],
    });
  }
  return found;
}

/** Distance of a point from the plane of an instance along that plane's own normal, mm. */
function offPlane(uid: string | null, point: readonly number[]): number {
  const plane = uid === null ? undefined : planes.get(uid);
  if (!plane) throw new Error(`The viewport shows ${uid}, which is no file of this test`);
  return Math.abs(plane.normal.reduce((sum, n, i) => sum + n * (point[i] - plane.position[i]), 0));
}

async function shown(page: Page): Promise<readonly FilePlane[]> {
  return (await shownImages(page)).map(({ sopInstanceUID }) => planes.get(sopInstanceUID ?? '')!);
}

async function find(page: Page): Promise<void> {
  await clickFindL3(page);
  expect(await outcome(page)).toBe('found');
  await waitUntilShown(page, 'L3');
}

const line = (page: Page, name: string) => page.locator(`[data-cy=find-l3-${name}]`);

test('with the axial series in view, the sagittal T2 is searched and the axial goes to mid-L3', async () => {
  const { page } = viewer;
  const { studyInstanceUID, seriesInstanceUIDs, truth } = mr.spine;
  await openStudy(viewer, studyInstanceUID);
  await showSeries(page, seriesInstanceUIDs.discs);
  const [before] = await shownImages(page);
  expect(offPlane(before.sopInstanceUID, truth.L3)).toBeGreaterThan(10);

  await find(page);
  await expect(line(page, 'instead').innerText()).resolves.toMatch(
    /^Chosen in this study: sagittal T2, 300 mm.*Series 4 \(tra discs\) is not used/,
  );

  const [after] = await shownImages(page);
  expect(planes.get(after.sopInstanceUID!)?.series).toBe(seriesInstanceUIDs.discs);
  expect(offPlane(after.sopInstanceUID, truth.L3)).toBeLessThanOrEqual(TOLERANCE_MM);
  // The host's camera lies in the slice's own plane, 14 degrees from the axial one.
  const tilt = Math.acos(Math.abs(after.viewPlaneNormal[2])) * (180 / Math.PI);
  expect(tilt).toBeCloseTo(14, 1);
  const number = planes.get(after.sopInstanceUID!)!.instanceNumber;
  await expect(line(page, 'axial').innerText()).resolves.toBe(
    `Series 4 (tra discs): slice ${number} cuts it.`,
  );
  const series = page.locator('[data-cy=find-l3-series]');
  await expect(series.innerText()).resolves.toContain('Series 3: sag second');
  await viewer.screenshot('mr-axial');
}, 120_000);

test('a level that no axial slice cuts is said, and shown on the sagittal series', async () => {
  const { page } = viewer;
  await page.locator('[data-cy=find-l3-level-T12]').click();
  await expect(line(page, 'axial').innerText()).resolves.toMatch(/^No axial slice cuts it: /);
  const [after] = await shown(page);
  expect(after.series).toBe(mr.spine.seriesInstanceUIDs.t2);
}, 30_000);

test('from the localizer, the axial slice of mid-L3 takes its place', async () => {
  const { page } = viewer;
  const { seriesInstanceUIDs, truth } = mr.spine;
  await showSeries(page, seriesInstanceUIDs.localizer);
  await find(page);
  const [after] = await shownImages(page);
  expect(planes.get(after.sopInstanceUID!)?.series).toBe(seriesInstanceUIDs.discs);
  expect(offPlane(after.sopInstanceUID, truth.L3)).toBeLessThanOrEqual(TOLERANCE_MM);
}, 60_000);

test('a sagittal series that a person chose is searched, and its axial slice is one click away', async () => {
  const { page } = viewer;
  const { seriesInstanceUIDs, truth } = mr.spine;
  await showSeries(page, seriesInstanceUIDs.t1);
  await line(page, 'instead').waitFor({ state: 'detached', timeout: 10_000 });
  await find(page);
  expect((await shown(page)).map(({ series }) => series)).toEqual([seriesInstanceUIDs.t1]);
  await viewer.screenshot('mr-sagittal');
  await line(page, 'show-axial').click();
  await page.waitForFunction(
    () =>
      document.querySelector('[data-cy=find-l3-axial]')?.getAttribute('data-kind') === 'cut' &&
      !document.querySelector('[data-cy=find-l3-show-axial]'),
    undefined,
    { timeout: 30_000 },
  );
  const [after] = await shownImages(page);
  expect(planes.get(after.sopInstanceUID!)?.series).toBe(seriesInstanceUIDs.discs);
  expect(offPlane(after.sopInstanceUID, truth.L3)).toBeLessThanOrEqual(TOLERANCE_MM);
}, 60_000);

test('without a shared frame of reference it says so, and shows the sagittal', async () => {
  const { page } = viewer;
  const { studyInstanceUID, seriesInstanceUIDs, truth } = mr.moved;
  await openStudy(viewer, studyInstanceUID);
  await showSeries(page, seriesInstanceUIDs.axial);
  await find(page);
  const [after] = await shownImages(page);
  expect(planes.get(after.sopInstanceUID!)?.series).toBe(seriesInstanceUIDs.t2);
  expect(offPlane(after.sopInstanceUID, truth.L3)).toBeLessThanOrEqual(TOLERANCE_MM);
  await expect(line(page, 'axial').innerText()).resolves.toMatch(/another frame of reference/);
  const z = Number(await line(page, 'found').getAttribute('data-z-mm'));
  expect(Math.abs(z - truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
  await viewer.screenshot('mr-other-frame');
}, 90_000);

describe('a real lumbar spine with axial slices made of it', () => {
  test('the axial series goes to mid-L3', async () => {
    // Only where the folder of real data is.
    if (!mr.real) return;
    const { page } = viewer;
    const { studyInstanceUID, seriesInstanceUIDs, truth } = mr.real;
    await openStudy(viewer, studyInstanceUID);
    await showSeries(page, seriesInstanceUIDs.axial);
    await find(page);
    const [after] = await shownImages(page);
    expect(planes.get(after.sopInstanceUID!)?.series).toBe(seriesInstanceUIDs.axial);
    expect(offPlane(after.sopInstanceUID, truth.L3)).toBeLessThanOrEqual(TOLERANCE_MM);
    await viewer.screenshot('mr-real');
  }, 90_000);

  test('all of it without a complaint of the browser', () => {
    expect(complaints(viewer.log)).toEqual([]);
  });
});
