import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { measurements, openStudy, openViewer, type OpenViewer } from './harness';
import { ensurePhantoms, type Phantoms, type PhantomStudy } from './phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  positionsIn,
  searched,
  shownInstance,
  shownZ,
  showSeries,
  TOLERANCE_MM,
  waitUntilShown,
} from './search';

let phantoms: Phantoms;
let positions: ReadonlyMap<string, readonly number[]>;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  positions = await positionsIn(phantoms.folder);
  viewer = await openViewer({ folders: [phantoms.folder] });
}, 300_000);

beforeEach(() => {
  viewer.log.length = 0;
});

afterAll(() => viewer?.close());

async function search(study: PhantomStudy): Promise<string> {
  await openStudy(viewer, study.studyInstanceUID);
  await showSeries(viewer.page, study.axialSeriesInstanceUID);
  await clickFindL3(viewer.page);
  return searched(viewer.page);
}

describe('patients who lie or are built differently', () => {
  test.each([
    ['feet first', 'feetFirst'],
    ['a missing slice', 'missingSlice'],
  ] as const)(
    '%s: the slice of L3',
    async (_, name) => {
      const study = phantoms[name];
      expect(await search(study)).toBe('found');
      await viewer.screenshot(`variant-${name}`);
      const off = Math.abs((await shownZ(viewer.page, positions)) - study.truth.L3[2]);
      expect(off).toBeLessThanOrEqual(TOLERANCE_MM);
      expect((await measurements(viewer.page)).map(({ label }) => label)).toEqual(['L3']);
      expect(complaints(viewer.log)).toEqual([]);
    },
    120_000,
  );

  test('the panel says that a slice is missing', async () => {
    const warning = viewer.page.locator('[data-cy=find-l3-reason][data-code=missing-slices]');
    expect(await warning.innerText()).toMatch(/a gap of 8\.?0? mm where 4\.?0? mm/);
  });

  test('a scan that ends above the sacrum: counted down from the last rib', async () => {
    const { page } = viewer;
    const study = phantoms.withoutSacrum;
    expect(await search(study)).toBe('found');
    await viewer.screenshot('counted-from-the-last-rib');
    const off = Math.abs((await shownZ(page, positions)) - study.truth.L3[2]);
    expect(off).toBeLessThanOrEqual(TOLERANCE_MM);
    const panel = page.locator('[data-cy=find-l3-panel]');
    expect(await panel.innerText()).toContain('Counted down from the last rib');
  }, 120_000);
});

describe('where there is no L3 to show', () => {
  test('a chest: says why, does not jump and marks nothing', async () => {
    const { page } = viewer;
    await openStudy(viewer, phantoms.chest.studyInstanceUID);
    const before = await shownInstance(page);
    await clickFindL3(page);
    expect(await searched(page)).toBe('undetermined');
    await viewer.screenshot('chest-undetermined');
    const code = await page.locator('[data-cy=find-l3-reason]').first().getAttribute('data-code');
    expect(['no-lumbar-spine', 'l3-not-in-view']).toContain(code);
    expect(await shownInstance(page)).toBe(before);
    expect(await measurements(page)).toEqual([]);
  }, 120_000);

  test('a lumbar spine without sacrum or ribs: the likeliest candidate is shown, and marked only when a person says so', async () => {
    const { page } = viewer;
    expect(await search(phantoms.withoutAnchors)).toBe('undetermined');
    const reason = page.locator('[data-cy=find-l3-reason]').first();
    expect(await reason.getAttribute('data-code')).toBe('cannot-count');
    const shows = async (index: number) => {
      await page.waitForFunction(
        (at) =>
          document
            .querySelector(`[data-cy=find-l3-alternative-${at}]`)
            ?.getAttribute('aria-pressed') === 'true',
        index,
      );
      const candidate = page.locator(`[data-cy=find-l3-alternative-${index}]`);
      const z = Number(await candidate.getAttribute('data-z-mm'));
      expect(Math.abs((await shownZ(page, positions)) - z)).toBeLessThanOrEqual(1.5 + 0.01);
      return z;
    };
    const z = await shows(0);
    await viewer.screenshot('without-anchors-1-undetermined');
    await page.locator('[data-cy=find-l3-alternative-1]').click();
    expect(await shows(1)).not.toBe(z);
    await page.locator('[data-cy=find-l3-alternative-0]').click();
    await shows(0);
    await viewer.screenshot('without-anchors-2-candidate');
    expect(await measurements(page)).toEqual([]);

    await page.locator('[data-cy=find-l3-this-slice]').click();
    await page.waitForFunction(
      () =>
        (
          window as unknown as {
            services: { measurementService: { getMeasurements(): readonly unknown[] } };
          }
        ).services.measurementService.getMeasurements().length > 0,
    );
    const [mark] = await measurements(page);
    expect(mark.label).toBe('L3');
    expect(Math.abs(mark.points![0][2] - z)).toBeLessThanOrEqual(1.5 + 0.01);
    await viewer.screenshot('without-anchors-3-marked');
  }, 60_000);
});

test('a localizer on screen: the axial series of its study comes up at L3', async () => {
  const { page } = viewer;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await showSeries(page, phantoms.abdomen.localizerSeriesInstanceUID!);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  await waitUntilShown(page, 'L3');
  await viewer.screenshot('localizer-on-screen');
  const off = Math.abs((await shownZ(page, positions)) - phantoms.abdomen.truth.L3[2]);
  expect(off).toBeLessThanOrEqual(TOLERANCE_MM);
  expect(complaints(viewer.log)).toEqual([]);
}, 120_000);
