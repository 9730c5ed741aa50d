import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openStudy, openViewer, outcome, type HostWindow, type OpenViewer } from './harness';
import { showPanel } from './keeping';
import { ensureObjects, type MrStudy } from './phantoms/phantoms';
import { complaints, panelZ, TOLERANCE_MM } from './search';

let viewer: OpenViewer;
let study: MrStudy;

beforeAll(async () => {
  const made = await ensureObjects();
  study = made.study;
  viewer = await openViewer({ folders: [made.folder] });
}, 300_000);
afterAll(() => viewer?.close());

/** Brings an object into the active viewport, as its thumbnail does. */
async function showObject(page: Page, seriesInstanceUID: string): Promise<void> {
  const uid = await page.evaluate((series) => {
    const { services } = window as unknown as HostWindow;
    return services.displaySetService
      .getActiveDisplaySets()
      .find(({ SeriesInstanceUID }) => SeriesInstanceUID === series)?.displaySetInstanceUID;
  }, seriesInstanceUID);
  const pictured = page.locator(`#thumbnail-${uid}`);
  const isPictured = (await pictured.count()) > 0;
  const plain = page.locator('[data-cy=study-browser-thumbnail-no-image]');
  await (isPictured ? pictured : plain).dblclick();
  await page.waitForFunction((displaySet) => {
    const { services } = window as unknown as HostWindow;
    const { viewportGridService } = services;
    const active = viewportGridService.getActiveViewportId();
    return viewportGridService.getDisplaySetsUIDsForViewport(active)?.includes(displaySet!);
  }, uid);
}

/** The description of the series that the panel would search. */
const named = (page: Page) => page.locator('[data-cy=find-l3-series] strong').innerText();

test.each([
  ['contours', 'RTSTRUCT', 'venous'],
  ['pet', 'PT', null],
] as const)(
  '%s on screen: the CT that it belongs to is searched, and the panel says so',
  async (name, modality, of) => {
    const { page } = viewer;
    await openStudy(viewer, study.studyInstanceUID);
    await showPanel(page);
    await showObject(page, study.seriesInstanceUIDs[name]);
    const says = page.locator('[data-cy=find-l3-instead]');
    await says.waitFor({ timeout: 30_000 });
    await expect(says.innerText()).resolves.toMatch(
      new RegExp(`Chosen in this study: axial.*${name}.*not used.*\\(${modality}\\)`),
    );
    if (of) expect(await named(page)).toContain(of);
    await page.locator('[data-cy=find-l3-run]').click();
    expect(await outcome(page)).toBe('found');
    expect(Math.abs((await panelZ(page)) - study.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    await viewer.screenshot(`active-${name}-found`);
  },
  180_000,
);

test('the browser has no complaint', () => {
  expect(complaints(viewer.log)).toEqual([]);
});
