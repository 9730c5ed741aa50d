import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStudy, openViewer, outcome, shownImages, type OpenViewer } from '../harness';
import { reopened, run, showPanel } from '../keeping';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import { axialAt, press } from '../reviewViews';
import { clickFindL3, complaints, searched, waitUntilShown } from '../search';

/** What the layout Review L3 is for beside a fresh answer, which every `npm test` opens it for. */
let phantoms: Phantoms;
let storeDir: string;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-review-'));
  viewer = await openViewer({ folders: [phantoms.folder], storeDir });
}, 300_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

test('what was saved: at L3 without a search', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  expect(await run(page, 'saveLevels')).toBe(true);
  const mark = await reopened(viewer, phantoms.abdomen);
  await showPanel(page);
  await press(page);
  await axialAt(page, mark.zMm);
  await viewer.screenshot('review-5-saved');
}, 240_000);

test('what was left open: at the likeliest candidate, and nothing is marked', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.withoutAnchors.studyInstanceUID);
  await clickFindL3(page);
  expect(await outcome(page)).toBe('undetermined');
  const candidate = page.locator('[data-cy=find-l3-alternative-0]');
  const z = Number(await candidate.getAttribute('data-z-mm'));
  await candidate.click();
  await press(page);
  await axialAt(page, z);
  const marked = await page.evaluate(
    () =>
      (
        window as unknown as {
          services: { measurementService: { getMeasurements(): readonly unknown[] } };
        }
      ).services.measurementService.getMeasurements().length,
  );
  expect(marked).toBe(0);
  await viewer.screenshot('review-3-undetermined');
}, 240_000);

test('a custom grid comes back as it was', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await page.evaluate(() =>
    (
      window as unknown as { commandsManager: { runCommand(name: string, o: object): void } }
    ).commandsManager.runCommand('setViewportGridLayout', { numRows: 1, numCols: 2 }),
  );
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 2,
  );
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  const before = (await shownImages(page)).map(({ viewportId }) => viewportId);
  await press(page);
  await axialAt(page, phantoms.abdomen.truth.L3[2]);
  await press(page);
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 2,
  );
  expect((await shownImages(page)).map(({ viewportId }) => viewportId)).toEqual(before);
}, 240_000);

test('where the admin wants it, it opens by itself with what autorun finds', async () => {
  const customizations = {
    'findL3.autorun': { $set: true },
    'findL3.reviewLayout': { $set: true },
  };
  const unasked = await openViewer({ folders: [phantoms.folder], customizations });
  try {
    await openStudy(unasked, phantoms.abdomen.studyInstanceUID);
    await axialAt(unasked.page, phantoms.abdomen.truth.L3[2]);
    await waitUntilShown(unasked.page, 'L3');
    expect(complaints(unasked.log)).toEqual([]);
  } finally {
    await unasked.close();
  }
}, 240_000);
