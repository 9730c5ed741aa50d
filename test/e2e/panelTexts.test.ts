import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { RELEASE } from '../../src/release/release';
import { measurements, openStudy, outcome, type OpenViewer } from './harness';
import { unfold } from './keeping';
import {
  expectAsksForLarge,
  expectNarrow,
  openIn,
  overflowing,
  PANEL,
  picture,
} from './narrowPanel';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { clickFindL3, runCommand, showSeries } from './search';

let phantoms: Phantoms;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
}, 300_000);

describe.each([
  ['en', 'Confidence|confidence', 'endplate'],
  ['zh', '置信度', '终板'],
])('%s', (language, confidence, endplate) => {
  afterEach(() => viewer?.close());

  test('the panel speaks it, in 300 pixels, before, with an answer and with the model card', async () => {
    viewer = await openIn(language, phantoms);
    const { page } = viewer;
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
});

test(
  'a large series is announced in Chinese and not read until a person wants it; doubt is explained',
  () => expectAsksForLarge('zh', phantoms),
  240_000,
);
