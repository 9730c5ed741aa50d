import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { readLevelReport } from '../../src/sr/readLevelReport';
import { openStudy, openViewer, outcome, waitForImage, type OpenViewer } from './harness';
import { storedReports } from './hostPanel';
import { marks, MOVED_UP_MM, reopened, run, saveInAnotherTab, showPanel } from './keeping';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { positionsIn, searched, showMpr, shownZ } from './search';

const SLICE_MM = 3;
/** What a radiologist's laptop shows, and the same with the browser's zoom at 150 %. */
const LAPTOP = { width: 1280, height: 800 };
const ZOOMED = { width: 853, height: 533 };
/** What is to be seen of an answer without scrolling. */
const AT_A_GLANCE = ['found', 'numbering', 'picture', 'state', 'confirm', 'undo'];

let phantoms: Phantoms;
let positions: ReadonlyMap<string, readonly number[]>;
let storeDir: string;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  positions = await positionsIn(path.join(phantoms.folder, 'worklist', 'abdomen'));
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-workflow-'));
  viewer = await openViewer({ folders: [phantoms.folder], storeDir, viewport: LAPTOP });
}, 300_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

const cy = (page: Page, name: string) => page.locator(`[data-cy=find-l3-${name}]`);
const isBadged = (page: Page) =>
  page.evaluate(() => document.documentElement.hasAttribute('data-find-l3-unsaved'));
/** None yet: nothing was stored. */
const saved = async () =>
  existsSync(path.join(storeDir, 'stored'))
    ? (await storedReports(storeDir)).map((one) => readLevelReport(one)!)
    : [];

/** Parts of the panel that are cut off or out of sight. */
async function hidden(page: Page): Promise<readonly string[]> {
  return page.evaluate((names) => {
    const panel = document.querySelector('[data-cy=find-l3-panel]')!;
    const content = panel.querySelector('.content')!.getBoundingClientRect();
    const whole = panel.getBoundingClientRect();
    return names.filter((name) => {
      const part = panel.querySelector(`[data-cy=find-l3-${name}]`);
      if (!part) return true;
      const box = part.getBoundingClientRect();
      const room = part.closest('.content') ? content : whole;
      return box.height === 0 || box.top < room.top - 1 || box.bottom > room.bottom + 1;
    });
  }, AT_A_GLANCE);
}

describe('the two-key day', () => {
  test('Shift+L, look, Enter: found, seen at a glance, confirmed and saved', async () => {
    const { page } = viewer;
    await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
    await page.keyboard.press('Shift+L');
    expect(await searched(page)).toBe('found');
    await page.waitForFunction(
      () => document.activeElement?.getAttribute('data-cy') === 'find-l3-confirm',
    );
    expect(await hidden(page)).toEqual([]);
    await viewer.screenshot('workflow-1-found');
    await page.setViewportSize(ZOOMED);
    await page.waitForTimeout(500);
    expect(await hidden(page)).toEqual([]);
    await viewer.screenshot('workflow-2-zoomed');
    await page.setViewportSize(LAPTOP);

    // A key that is held down says nothing.
    await page.evaluate(() =>
      document.activeElement!.dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', repeat: true, bubbles: true }),
      ),
    );
    expect(await saved()).toEqual([]);
    await page.keyboard.press('Enter');
    await cy(page, 'saved').getByText('Saved', { exact: true }).waitFor();
    const [report, ...more] = await saved();
    expect(more).toEqual([]);
    expect(report.levels).toMatchObject([
      { level: 'L3', moved: null, review: { act: 'confirmed' } },
    ]);
    expect(await cy(page, 'state').innerText()).toMatch(/^Confirmed/);
    await viewer.screenshot('workflow-3-confirmed');
  }, 240_000);

  test('reopened, it is ready: at L3 in every view, also in MPR, without a search', async () => {
    const { page } = viewer;
    const mark = await reopened(viewer, phantoms.abdomen);
    await showPanel(page);
    await expectShown(page, mark.zMm);
    expect(await cy(page, 'state').innerText()).toMatch(/^Confirmed/);
    expect(await cy(page, 'shown').innerText()).toBe('Shown: L3');
    // The picture comes by itself; it opens over the viewports.
    await cy(page, 'enlarge').waitFor({ timeout: 60_000 });
    await viewer.screenshot('workflow-4-reopened');
    await cy(page, 'enlarge').click();
    await cy(page, 'enlarged').waitFor();
    await viewer.screenshot('workflow-4b-enlarged');
    await page.keyboard.press('Escape');
    await cy(page, 'enlarged').waitFor({ state: 'detached' });
    await expectShown(page, mark.zMm);
    await showMpr(page);
    await page.waitForFunction(
      (z) => {
        const { cornerstoneViewportService } = (
          window as unknown as {
            services: {
              cornerstoneViewportService: {
                getCornerstoneViewport(id: string): {
                  getCamera(): { focalPoint: number[] };
                } | null;
              };
            };
          }
        ).services;
        const axial = cornerstoneViewportService.getCornerstoneViewport('mpr-axial');
        return axial !== null && Math.abs(axial.getCamera().focalPoint[2] - z) < 3;
      },
      mark.zMm,
      { timeout: 30_000 },
    );
    await viewer.screenshot('workflow-5-reopened-mpr');
  }, 240_000);

  test('an undetermined case has no Enter', async () => {
    const { page } = viewer;
    await openStudy(viewer, phantoms.withoutAnchors.studyInstanceUID);
    await page.keyboard.press('Shift+L');
    expect(await outcome(page)).toBe('undetermined');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
    await cy(page, 'confirm').focus();
    await page.keyboard.press('Enter');
    expect(await saved()).toHaveLength(1);
    expect(await cy(page, 'confirm').getAttribute('aria-disabled')).toBe('true');
  }, 240_000);
});

/** Waits until the one viewport of the grid shows the slice at a height, LPS mm. */
async function expectShown(page: Page, zMm: number): Promise<void> {
  const latest = Date.now() + 15_000;
  while (Date.now() < latest) {
    if (Math.abs((await shownZ(page, positions)) - zMm) <= SLICE_MM / 2) return;
    await page.waitForTimeout(200);
  }
  expect(await shownZ(page, positions)).toBeCloseTo(zMm, 0);
}

test('two tabs: a later save asks, and leaving with the question open does not forget it', async () => {
  const { page } = viewer;
  await reopened(viewer, phantoms.abdomen);
  const [{ zMm }] = await marks(page);
  expect(await saveInAnotherTab(viewer, phantoms.abdomen, zMm - MOVED_UP_MM)).toBe(true);

  await run(page, 'moveLevelMark', { zMm: zMm + MOVED_UP_MM });
  expect(await isBadged(page)).toBe(true);
  expect(await run(page, 'saveLevels')).toBe(false);
  await showPanel(page);
  await cy(page, 'conflict').waitFor();
  await viewer.screenshot('workflow-6-conflict');
  await run(page, 'navigateHistory', { to: '/' });
  await page.getByText('Back to the study').waitFor();
  await viewer.screenshot('workflow-7-left');
  await page.getByText('Back to the study').click();
  await waitForImage(page);
  await page.waitForFunction(() => document.querySelector('[data-cy="findL3-btn"]'));
  await showPanel(page);
  await cy(page, 'conflict').waitFor();
  expect((await marks(page)).map((mark) => Math.round(mark.zMm))).toEqual([
    Math.round(zMm + MOVED_UP_MM),
  ]);
  expect(await run(page, 'saveLevels')).toBe(false);
  expect(await saved()).toHaveLength(2);
  await cy(page, 'conflict-mine').click();
  await cy(page, 'saved').getByText('Saved', { exact: true }).waitFor();
  const heads = await saved();
  expect(heads).toHaveLength(3);
  expect(await isBadged(page)).toBe(false);
}, 300_000);
