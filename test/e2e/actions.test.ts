import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { openStudy, openViewer, outcome, type OpenViewer } from './harness';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { searched } from './search';

/** What docs/radiologist.md says that a study takes, from the opened study to the saved level. */
let phantoms: Phantoms;
let storeDir: string;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-actions-'));
  viewer = await openViewer({
    folders: [phantoms.folder],
    storeDir,
    viewport: { width: 1280, height: 800 },
  });
}, 300_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

const cy = (page: Page, name: string) => page.locator(`[data-cy=find-l3-${name}]`);
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute('data-cy') ?? null);
const isSaved = (page: Page) => cy(page, 'saved').getByText('Saved', { exact: true }).waitFor();

/** The keys and clicks of a person, counted. */
function hands(page: Page) {
  const count = { keys: 0, clicks: 0 };
  return {
    count,
    async press(key: string) {
      count.keys += 1;
      await page.keyboard.press(key);
    },
    async click(name: string) {
      count.clicks += 1;
      await cy(page, name).click();
    },
  };
}

test('the right answer: two keys; from the footer the answer and its picture are a few keys away', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  const { press, count } = hands(page);
  await press('Shift+L');
  expect(await searched(page)).toBe('found');
  await page.waitForFunction(
    () => document.activeElement?.getAttribute('data-cy') === 'find-l3-confirm',
  );
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
  const stops: (string | null)[] = [];
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press('Tab');
    stops.push(await focused(page));
  }
  expect(stops).toEqual(['find-l3-level-L3', 'find-l3-heat', 'find-l3-enlarge', 'find-l3-slider']);
  await cy(page, 'confirm').focus();
  await press('Enter');
  await isSaved(page);
  expect(count).toEqual({ keys: 2, clicks: 0 });
}, 240_000);

test('one level off: three keys', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.feetFirst.studyInstanceUID);
  const { press, count } = hands(page);
  await press('Shift+L');
  expect(await searched(page)).toBe('found');
  await press('Shift+ArrowUp');
  await page.waitForFunction(() =>
    document.querySelector('[data-cy=find-l3-state]')?.textContent?.startsWith('Renumbered'),
  );
  await page.waitForTimeout(1_000);
  await press('Shift+Enter');
  await isSaved(page);
  expect(count).toEqual({ keys: 3, clicks: 0 });
}, 240_000);

test('undetermined: two keys and two clicks, on the candidate and on what is to be L3', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.withoutAnchors.studyInstanceUID);
  const { press, click, count } = hands(page);
  await press('Shift+L');
  expect(await outcome(page)).toBe('undetermined');
  await click('alternative-0');
  await click('this-slice');
  await page.waitForFunction(() => {
    const button = document.querySelector('[data-cy=find-l3-confirm]');
    return button?.getAttribute('aria-disabled') === 'false';
  });
  await page.waitForTimeout(1_000);
  await press('Shift+Enter');
  await isSaved(page);
  expect(count).toEqual({ keys: 2, clicks: 2 });
}, 240_000);
