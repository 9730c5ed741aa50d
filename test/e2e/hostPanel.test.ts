import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeCorrections } from '../../src/corrections/correctionFile';
import {
  measurements,
  openStudy,
  openViewer,
  outcome,
  shownImages,
  type HostWindow,
  type OpenViewer,
} from './harness';
import {
  answer,
  chooseOf,
  rename,
  rows,
  showMeasurements,
  states,
  storedReports,
  toggleEye,
  trackedIn,
} from './hostPanel';
import { downloaded, marks, reopened, run, SALT, save, showPanel, unfold } from './keeping';
import {
  ensureMrPhantoms,
  ensurePhantoms,
  type MrPhantoms,
  type Phantoms,
} from './phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  positionsIn,
  searched,
  shownZ,
  showSeries,
  waitForMarkAt,
  waitUntilShown,
} from './search';

const SLICE_MM = 3;
const UP_MM = 30;
let phantoms: Phantoms;
let mr: MrPhantoms;
let storeDir: string;
let viewer: OpenViewer;
let positions: ReadonlyMap<string, readonly number[]>;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  mr = await ensureMrPhantoms();
  positions = await positionsIn(phantoms.folder);
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-host-panel-'));
  viewer = await openViewer({
    folders: [phantoms.folder, mr.folder],
    storeDir,
    customizations: { 'findL3.corrections': { $set: { salt: SALT } } },
  });
}, 300_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

/** Tries until what is asserted holds: the host draws and lists in frames of its own. */
async function eventually(assertion: () => Promise<void>): Promise<void> {
  const latest = Date.now() + 20_000;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > latest) throw error;
      await viewer.page.waitForTimeout(200);
    }
  }
}

test('the heat map is laid over the panel’s picture and taken off', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  const coloured = () =>
    page.locator('[data-cy=find-l3-panel] canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) if (Math.abs(data[i] - data[i + 2]) > 40) count += 1;
      return count;
    });
  expect(await coloured()).toBe(0);
  await page.getByRole('button', { name: 'Heat map' }).click();
  await eventually(async () => expect(await coloured()).toBeGreaterThan(10));
  await viewer.screenshot('host-0-heat');
  await page.getByRole('button', { name: 'Heat map' }).click();
  await eventually(async () => expect(await coloured()).toBe(0));
}, 120_000);

test('the host’s own save of that mark, by its button and its dialog: a probe on the slice, and the level comes back', async () => {
  const { page } = viewer;
  const [found] = await marks(page);
  // A person has a hand in it: the host asks what it asks of its own tools.
  await run(page, 'moveLevelMark', { zMm: found.zMm + UP_MM });
  await viewer.screenshot('host-1-tracking');
  await answer(page, 'Track measurements for this series?', 'Yes');
  await showMeasurements(page);
  await page.getByRole('button', { name: 'Create SR' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').first().fill('Levels by the host');
  await viewer.screenshot('host-2-dialog');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Do you want to continue tracking').waitFor({ timeout: 60_000 });
  await viewer.screenshot('host-3-saved');

  const [report, ...more] = await storedReports(storeDir);
  expect(more).toEqual([]);
  expect(report.SeriesDescription).toBe('Levels by the host');
  const [tracked, ...others] = trackedIn(report);
  expect(others).toEqual([]);
  expect(tracked.identifier).toBe('Cornerstone3DTools@^0.1.0:Probe:L3Level');
  const [, , z] = positions.get(tracked.image)!;
  expect(Math.abs(z - (found.zMm + UP_MM))).toBeLessThanOrEqual(SLICE_MM / 2);
  // The host has taken what it saved off the page; the level is there again.
  expect(await measurements(page)).toMatchObject([{ uid: found.uid, toolName: 'L3Level' }]);
  await answer(page, 'Do you want to continue tracking', 'Yes');
  expect((await measurements(page)).map(({ uid }) => uid)).toEqual([found.uid]);
  await showPanel(page);
  expect(await page.locator('[data-cy=find-l3-confirm]').getAttribute('title')).toMatch(
    /nothing has changed/,
  );

  const back = await reopened(viewer, phantoms.abdomen);
  expect(back.uid).toBe(found.uid);
  expect(back.zMm).toBeCloseTo(found.zMm + UP_MM, 2);
  expect(back.foundPointLpsMm![2]).toBeCloseTo(found.zMm, 2);
  expect(complaints(viewer.log)).toEqual([]);
}, 240_000);

test('a study with a saved level opens at it; deleted in the host’s list and saved, it stays away', async () => {
  const { page } = viewer;
  const mark = await reopened(viewer, phantoms.abdomen);
  await showPanel(page);
  await eventually(async () =>
    expect(Math.abs((await shownZ(page, positions)) - mark.zMm)).toBeLessThanOrEqual(SLICE_MM / 2),
  );
  await viewer.screenshot('host-4-shown');

  await showMeasurements(page);
  await chooseOf(page, rows(page).filter({ hasText: 'L3' }), 'Delete');
  await eventually(async () => expect(await marks(page)).toEqual([]));
  expect(await measurements(page)).toEqual([]);
  await showPanel(page);
  const button = page.locator('[data-cy=find-l3-confirm]');
  expect(await button.textContent()).toMatch(/no level/);
  await viewer.screenshot('host-5-withdraw');
  expect(await save(page)).toMatch(/no level any more/);

  const reports = await storedReports(storeDir);
  expect(reports).toHaveLength(2);
  expect(trackedIn(reports[1])).toEqual([]);
  expect(JSON.stringify(reports[1].PredecessorDocumentsSequence)).toContain(
    reports[0].SOPInstanceUID as string,
  );
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await page.waitForFunction(
    () =>
      (window as unknown as HostWindow).services.displaySetService
        .getActiveDisplaySets()
        .filter(({ Modality }) => Modality === 'SR').length === 2,
    undefined,
    { timeout: 30_000 },
  );
  expect(await marks(page)).toEqual([]);
  expect(await measurements(page)).toEqual([]);
  // Whoever opens the newest report reads what it says.
  await page.getByText('Find L3: vertebral levels').dblclick();
  await page.getByText('all earlier ones are withdrawn').waitFor({ timeout: 30_000 });
  await viewer.screenshot('host-5b-withdrawal');
  expect(complaints(viewer.log)).toEqual([]);
}, 180_000);

test('marks of two series in the host’s list: renamed, hidden, locked, gone to, deleted, undone', async () => {
  const { page } = viewer;
  const { studyInstanceUID, seriesInstanceUIDs } = mr.spine;
  await openStudy(viewer, studyInstanceUID);
  const sagittal = ['t2', 't1'].map((name) =>
    Object.entries(seriesInstanceUIDs).find(([key]) => key.toLowerCase().includes(name))!,
  );
  for (const [, uid] of sagittal) {
    await showSeries(page, uid);
    await clickFindL3(page);
    expect(await outcome(page)).toBe('found');
    await waitUntilShown(page, 'L3');
  }
  const own = await marks(page);
  expect(own.map(({ seriesInstanceUID }) => seriesInstanceUID)).toEqual(
    sagittal.map(([, uid]) => uid),
  );

  await showMeasurements(page);
  await eventually(async () => expect(await rows(page).count()).toBe(2));
  await rename(page, rows(page).first(), 'L3 on T2');
  await eventually(async () =>
    expect((await states(page)).map(({ label }) => label)).toEqual(['L3 on T2', 'L3']),
  );
  expect((await marks(page)).map(({ label }) => label)).toEqual(['L3 on T2', 'L3']);
  const row = rows(page).filter({ hasText: 'L3 on T2' });

  await toggleEye(row);
  await eventually(async () =>
    expect((await states(page)).map(({ isVisible }) => isVisible)).toEqual([false, true]),
  );
  await toggleEye(row);
  await eventually(async () => expect((await states(page))[0].isVisible).toBe(true));

  // The one that was searched last is the one that commands move.
  await chooseOf(page, rows(page).last(), 'Lock');
  await eventually(async () =>
    expect((await states(page)).map(({ isLocked }) => isLocked)).toEqual([false, true]),
  );
  await viewer.screenshot('host-6-locked');
  const [first, second] = await states(page);
  await run(page, 'moveLevelMark', { zMm: second.zMm + 20 });
  expect((await states(page)).map(({ zMm }) => zMm)).toEqual([first.zMm, second.zMm]);
  await chooseOf(page, rows(page).last(), 'Unlock');
  await eventually(async () => expect((await states(page))[1].isLocked).toBe(false));
  await run(page, 'moveLevelMark', { zMm: second.zMm + 20 });
  await eventually(async () => expect((await states(page))[1].zMm).toBeCloseTo(second.zMm + 20, 3));
  expect((await states(page))[0].zMm).toBe(first.zMm);
  await answer(page, 'Track measurements for this series?', 'No');

  await row.click();
  const [{ slice }] = await marks(page);
  await eventually(async () =>
    expect((await shownImages(page)).map(({ sopInstanceUID }) => sopInstanceUID)).toEqual([
      slice!.sopInstanceUID,
    ]),
  );
  await viewer.screenshot('host-7-gone-to');
  await chooseOf(page, row, 'Delete');
  await eventually(async () =>
    expect((await states(page)).map(({ label }) => label)).toEqual(['L3']),
  );
  await page.locator('[data-cy=undo-btn]').click();
  await eventually(async () =>
    expect((await states(page)).map(({ label }) => label).sort()).toEqual(['L3', 'L3 on T2']),
  );
  await page.locator('[data-cy=redo-btn]').click();
  await eventually(async () => expect(await states(page)).toHaveLength(1));
  expect((await marks(page)).map(({ seriesInstanceUID }) => seriesInstanceUID)).toEqual([
    sagittal[1][1],
  ]);
  expect(complaints(viewer.log)).toEqual([]);
}, 240_000);

test('a person says that L3 is not in the scan: no mark, and a correction that says so', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.chest.studyInstanceUID);
  await showSeries(page, phantoms.chest.axialSeriesInstanceUID);
  await clickFindL3(page);
  expect(await outcome(page)).toBe('undetermined');
  await unfold(page);
  await page.locator('[data-cy=find-l3-not-in-view]').click();
  await page.locator('[data-cy=find-l3-ends-above-l3]').click();
  await page.locator('[data-cy=find-l3-corrected]').waitFor();
  await viewer.screenshot('host-9-absent');
  const { bytes } = await downloaded(page, 'correction');
  const [item] = decodeCorrections(new Uint8Array(bytes));
  expect(item.final).toEqual({ action: 'ends-above-l3', levels: [] });
  expect(item.found.outcome).toBe('undetermined');
  expect(item.height * item.mmPerPixel).toBeLessThanOrEqual(150);
  for (const secret of ['PHANTOM', 'SYNTHETIC', '2025', '2.25.', SALT]) {
    expect(bytes.includes(secret)).toBe(false);
  }
  // A mark after all takes the statement back.
  await page.locator('[data-cy=find-l3-this-slice]').click();
  await eventually(async () => expect(await marks(page)).toHaveLength(1));
  await waitForMarkAt(page, (await marks(page))[0].zMm);
  await page.locator('[data-cy=find-l3-not-in-view]').waitFor();
  expect(complaints(viewer.log)).toEqual([]);
}, 120_000);
