import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { RELEASE } from '../../src/release/release';
import { measurements, openStudy, openViewer, outcome, type OpenViewer } from './harness';
import { unfold } from './keeping';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { clickFindL3, runCommand, showSeries } from './search';

/** The widest panel that this is a test of: the stock viewer's own is narrower. */
const WIDTH_PX = 300;
const PANEL = '[data-cy=find-l3-panel]';
const PICTURES = path.resolve('test-output/screenshots');

let phantoms: Phantoms;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
}, 300_000);

afterEach(() => viewer?.close());

/** A viewer whose person has chosen a language in it before, as the viewer itself keeps it. */
async function openIn(language: string, customizations: Record<string, unknown> = {}) {
  viewer = await openViewer({
    folders: [phantoms.folder],
    customizations,
    prepare: async (context) => {
      await context.addInitScript((lng) => localStorage.setItem('i18nextLng', lng), language);
    },
  });
  return viewer.page;
}

/** The panel as wide as the viewer makes it, which is no more than the texts are made for. */
async function expectNarrow(page: Page): Promise<void> {
  const box = await page.locator(PANEL).boundingBox();
  expect(box!.width).toBeLessThanOrEqual(WIDTH_PX);
}

/** Elements of the panel whose content is cut off or reaches beyond it. */
async function overflowing(page: Page): Promise<readonly string[]> {
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

async function picture(page: Page, name: string): Promise<void> {
  await page.locator(PANEL).screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

describe.each([
  ['en', 'Confidence|confidence', 'endplate'],
  ['zh', '置信度', '终板'],
])('%s', (language, confidence, endplate) => {
  test('the panel speaks it, in 300 pixels, before, with an answer and with the model card', async () => {
    const page = await openIn(language);
    await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
    await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
    await clickFindL3(page);
    expect(await outcome(page)).toBe('found');
    await expectNarrow(page);
    const panel = page.locator(PANEL);
    expect(await panel.getAttribute('lang')).toBe(language);
    expect(await panel.innerText()).toMatch(new RegExp(confidence));
    await unfold(page);
    expect(await page.locator('[data-cy=find-l3-definition]').innerText()).toContain(endplate);
    await picture(page, `panel-${language}-1-found`);
    await page.locator('[data-cy=find-l3-section-export]').scrollIntoViewIfNeeded();
    await picture(page, `panel-${language}-2-found-end`);
    expect(await overflowing(page)).toEqual([]);

    await runCommand(page, 'moveLevelMark', {
      zMm: (await measurements(page))[0].points![0][2] - 9,
    });
    await page.locator('[data-cy=find-l3-corrected]').waitFor();
    await page.locator('[data-cy=find-l3-corrected]').scrollIntoViewIfNeeded();
    await picture(page, `panel-${language}-3-moved`);
    expect(await overflowing(page)).toEqual([]);
    await viewer.screenshot(`panel-${language}-4-whole`);

    await page.locator('[data-cy=find-l3-model-card]').click();
    const card = page.locator('[data-cy=find-l3-card]');
    await card.getByText('Intended use and limits').waitFor();
    expect(await card.innerText()).toMatch(/models\/l3-unet3plus\//);
    await picture(page, `panel-${language}-5-card`);
    expect(await overflowing(page)).toEqual([]);
    await card.locator('[data-cy=find-l3-section-installed] summary').click();
    const installed = await card.locator('[data-cy=find-l3-installed]').innerText();
    expect(installed).toMatch(new RegExp(`Find L3 ${RELEASE.version}[^]*cornerstone 5\\.\\d+`));
    await picture(page, `panel-${language}-6-installed`);
    expect(await overflowing(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    // What was there before is there again.
    await page.locator('[data-cy=find-l3-corrected]').waitFor();
  }, 240_000);

  test('a large series is announced and not read until a person wants it; doubt is explained', async () => {
    const page = await openIn(language, {
      'findL3.largeSeries': { $set: { images: 40, megabytes: 5000 } },
      'findL3.autorun': { $set: true },
    });
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
  }, 240_000);
});
