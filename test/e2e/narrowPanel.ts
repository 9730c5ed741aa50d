import path from 'node:path';
import type { Page } from 'playwright-core';
import { openStudy, openViewer, outcome, SCREENSHOTS, type OpenViewer } from './harness';
import type { Phantoms } from './phantoms/phantoms';
import { clickFindL3, showSeries } from './search';

/** The widest panel that this is a test of: the stock viewer's own is narrower. */
const WIDTH_PX = 300;
export const PANEL = '[data-cy=find-l3-panel]';

/** A viewer whose person has chosen a language in it before, as the viewer itself keeps it. */
export async function openIn(
  language: string,
  { folder }: Phantoms,
  customizations: Record<string, unknown> = {},
): Promise<OpenViewer> {
  return openViewer({
    folders: [folder],
    customizations,
    prepare: async (context) => {
      await context.addInitScript((lng) => localStorage.setItem('i18nextLng', lng), language);
    },
  });
}

/** The panel as wide as the viewer makes it, which is no more than the texts are made for. */
export async function expectNarrow(page: Page): Promise<void> {
  const box = await page.locator(PANEL).boundingBox();
  expect(box!.width).toBeLessThanOrEqual(WIDTH_PX);
}

/** Elements of the panel whose content is cut off or reaches beyond it. */
export async function overflowing(page: Page): Promise<readonly string[]> {
  return page.evaluate((selector) => {
    const panel = document.querySelector(selector)!;
    const { left, right } = panel.getBoundingClientRect();
    return [...panel.querySelectorAll<HTMLElement>('button, p, h2, h3, span, dd, select')]
      .filter((element) => {
        if (element.closest('.table, pre, .spoken') || element.classList.contains('spoken')) {
          return false;
        }
        const box = element.getBoundingClientRect();
        const isOut = box.width > 0 && (box.left < left - 1 || box.right > right + 1);
        return isOut || (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0);
      })
      .map((element) => `${element.tagName} ${element.textContent}`);
  }, PANEL);
}

export async function picture(page: Page, name: string): Promise<void> {
  await page.locator(PANEL).screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
}

/** A large series is announced and not read until a person wants it; doubt is explained. */
export async function expectAsksForLarge(language: string, phantoms: Phantoms): Promise<void> {
  const viewer = await openIn(language, phantoms, {
    'findL3.largeSeries': { $set: { images: 40, megabytes: 5000 } },
    'findL3.autorun': { $set: true },
  });
  try {
    const { page } = viewer;
    await openStudy(viewer, phantoms.withoutAnchors.studyInstanceUID);
    await showSeries(page, phantoms.withoutAnchors.axialSeriesInstanceUID);
    // Unasked: the admin's setting starts the search, the size stops it.
    await page.locator('[data-cy=find-l3-outcome][data-phase=asking]').waitFor({
      state: 'attached',
      timeout: 60_000,
    });
    await clickFindL3(page);
    await expectNarrow(page);
    await picture(page, `panel-${language}-6-large`);
    expect(await overflowing(page)).toEqual([]);
    await page.locator('[data-cy=find-l3-read-large]').click();
    expect(await outcome(page)).toBe('undetermined');
    await picture(page, `panel-${language}-7-undetermined`);
    expect(await overflowing(page)).toEqual([]);
    expect(await page.locator('[data-cy=find-l3-reason]').innerText()).toMatch(
      language === 'zh' ? /骶骨/ : /sacrum/,
    );
  } finally {
    await viewer.close();
  }
}
