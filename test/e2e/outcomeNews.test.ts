import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { measurements, openStudy, openViewer, type OpenViewer } from './harness';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { complaints } from './search';

let phantoms: Phantoms;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  viewer = await openViewer({ folders: [phantoms.folder] });
}, 300_000);

afterAll(() => viewer?.close());

const button = (page: Page) => page.locator('[data-cy=FindL3-btn]');
const panel = (page: Page) => page.locator('[data-cy=find-l3-panel]');
const notice = (page: Page) => page.locator('[data-sonner-toast]', { hasText: 'Find L3' });

/** Waits until the host's button has the class of a state. */
async function stands(page: Page, standing: string): Promise<void> {
  await page.waitForFunction(
    (name) => document.querySelector('[data-cy=FindL3-btn]')?.classList.contains(name) ?? false,
    `find-l3-search-${standing}`,
    { timeout: 120_000 },
  );
}

/** Searches by the key, and closes the panel while the search runs. */
async function searchWithoutPanel(page: Page): Promise<void> {
  await page.keyboard.press('Shift+L');
  await stands(page, 'running');
  await page.locator('[data-cy=side-panel-header-right]').click();
  await panel(page).waitFor({ state: 'hidden' });
}

test('the host’s tooltip names the key', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await button(page).hover();
  const tooltip = page.getByText('Go to the mid-L3 slice of this series (Shift+L)').first();
  await tooltip.waitFor();
  await viewer.screenshot('button-1-tooltip');
  await page.mouse.move(600, 500);
}, 120_000);

test('with the panel closed, what was found is seen on the button and told; the notice opens the panel', async () => {
  const { page } = viewer;
  await searchWithoutPanel(page);
  await viewer.screenshot('button-2-running');
  await stands(page, 'found');
  await notice(page)
    .getByText(/^L3 was found \(.+%\)\. Look at it/)
    .waitFor();
  // It stays while the pointer is on it.
  await notice(page).hover();
  expect(await measurements(page)).toHaveLength(1);
  await viewer.screenshot('button-3-found');
  await notice(page).getByRole('button', { name: 'Open the panel' }).click();
  await panel(page).waitFor({ state: 'visible' });
}, 240_000);

test('and what could not be determined', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.withoutAnchors.studyInstanceUID);
  await searchWithoutPanel(page);
  await stands(page, 'undetermined');
  await notice(page)
    .getByText(/^L3 could not be determined\. /)
    .waitFor();
  await viewer.screenshot('button-4-undetermined');
  expect(complaints(viewer.log)).toEqual([]);
}, 240_000);
