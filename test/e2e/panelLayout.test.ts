import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { openStudy, openViewer, outcome, type OpenViewer } from './harness';
import { showPanel, unfold } from './keeping';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { searched } from './search';

/** What the host lets a person drag the panel to, and the narrowest that it opens with. */
const WIDTHS_PX = [280, 400, 600];
const LAPTOP = { width: 1280, height: 800 };
/** The same at 150 % zoom. */
const ZOOMED = { width: 853, height: 533 };
/** What the answer may stand higher or lower than the search that it comes after, px. */
const CALM_PX = 24;
const PANEL = '[data-cy=find-l3-panel]';

let phantoms: Phantoms;
let viewer: OpenViewer;
let slices: { release: () => void };

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  viewer = await openViewer({ folders: [phantoms.folder], viewport: LAPTOP });
}, 300_000);
afterAll(() => viewer?.close());

/** Lets the first slices through and holds back the rest. */
async function holdSlices(context: BrowserContext): Promise<{ release: () => void }> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let count = 0;
  await context.route(/\/frames\//, async (route) => {
    if (++count > 20) await held;
    await route.continue();
  });
  return { release };
}

/** Drags the edge of the host's right side until the panel is so wide; gives the width that it then has. */
async function dragTo(page: Page, width: number): Promise<number> {
  const handle = (await page.locator('[data-panel-resize-handle-id]').last().boundingBox())!;
  const { width: all } = page.viewportSize()!;
  await page.mouse.move(handle.x + handle.width / 2, 300);
  await page.mouse.down();
  await page.mouse.move(all - width - handle.width / 2, 300, { steps: 4 });
  await page.mouse.up();
  await page.waitForTimeout(300);
  return (await page.locator(PANEL).boundingBox())!.width;
}

/** What is cut off, reaches out of the panel, or lies under its footer. */
async function faults(page: Page): Promise<readonly string[]> {
  return page.evaluate((selector) => {
    const panel = document.querySelector(selector)!;
    const whole = panel.getBoundingClientRect();
    const content = panel.querySelector<HTMLElement>('.content')!;
    const named = (element: Element) =>
      `${element.tagName} ${element.getAttribute('data-cy') ?? ''} ${element.textContent?.slice(0, 40)}`;
    const found: string[] = [];
    if (content.scrollWidth > content.clientWidth + 1) found.push('scrolls sideways');
    const isShortened = (element: Element) => element.closest('.series, .spoken') !== null;
    for (const element of panel.querySelectorAll<HTMLElement>(
      'button, p, h2, h3, span, select, label, input',
    )) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || isShortened(element) || element.closest('[hidden]')) continue;
      if (box.left < whole.left - 1 || box.right > whole.right + 1)
        found.push(`out: ${named(element)}`);
      const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
      if (isCut && !element.closest('.picture')) found.push(`cut: ${named(element)}`);
    }
    const standing = panel.querySelector('[data-cy=find-l3-confirm]')?.getBoundingClientRect();
    const foot = panel.querySelector('[data-cy=find-l3-model-card]')!.getBoundingClientRect();
    const end = Math.min(whole.bottom, window.innerHeight) + 1;
    if (
      standing &&
      (standing.bottom > end || standing.top < content.getBoundingClientRect().bottom - 1)
    ) {
      found.push('the footer is covered');
    }
    if (foot.bottom > end) found.push('the foot is out of sight');
    return found;
  }, PANEL);
}

/** Where the picture, or what stands for it, begins and how high it is, px. */
async function pictureBox(page: Page): Promise<{ y: number; height: number }> {
  const { y, height } = (await page.locator(`${PANEL} .picture`).first().boundingBox())!;
  return { y, height };
}

test('from the search to its answer nothing jumps, and nothing is cut off at any width', async () => {
  const { page, context } = viewer;
  await page.setViewportSize(LAPTOP);
  slices = await holdSlices(context);
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await showPanel(page);
  for (const width of WIDTHS_PX) {
    expect(Math.abs((await dragTo(page, width)) - width)).toBeLessThanOrEqual(6);
    expect({ width, faults: await faults(page) }).toEqual({ width, faults: [] });
  }
  await dragTo(page, WIDTHS_PX[0]);
  await viewer.screenshot('layout-idle');
  await page.locator('[data-cy=find-l3-run]').click();
  await page.locator('[data-cy=find-l3-picture-making]').waitFor();
  const before = await pictureBox(page);
  expect(await faults(page)).toEqual([]);
  await viewer.screenshot('layout-running');
  slices.release();
  expect(await searched(page)).toBe('found');
  const after = await pictureBox(page);
  expect(Math.abs(after.y - before.y)).toBeLessThanOrEqual(CALM_PX);
  expect(Math.abs(after.height - before.height)).toBeLessThanOrEqual(2);
  await viewer.screenshot('layout-found');
  await unfold(page);
  for (const width of WIDTHS_PX) {
    await dragTo(page, width);
    expect({ width, faults: await faults(page) }).toEqual({ width, faults: [] });
  }
  await page.setViewportSize(ZOOMED);
  await page.waitForTimeout(500);
  expect(await faults(page)).toEqual([]);
  await viewer.screenshot('layout-zoomed');
  await context.unrouteAll({ behavior: 'ignoreErrors' });
}, 240_000);

test('undetermined, with everything unfolded, nothing is cut off at any width', async () => {
  const { page } = viewer;
  await page.setViewportSize(LAPTOP);
  await openStudy(viewer, phantoms.withoutAnchors.studyInstanceUID);
  await showPanel(page);
  await page.locator('[data-cy=find-l3-run]').click();
  expect(await outcome(page)).toBe('undetermined');
  await unfold(page);
  for (const width of WIDTHS_PX) {
    await dragTo(page, width);
    expect({ width, faults: await faults(page) }).toEqual({ width, faults: [] });
  }
  await dragTo(page, WIDTHS_PX[0]);
  await page.setViewportSize(ZOOMED);
  await page.waitForTimeout(500);
  expect(await faults(page)).toEqual([]);
  await viewer.screenshot('layout-undetermined-zoomed');
}, 180_000);
