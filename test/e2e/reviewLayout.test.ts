import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { reopened, run, showPanel } from './keeping';
import { openStudy, openViewer, outcome, shownImages, type OpenViewer } from './harness';
import {
  ensureMrPhantoms,
  ensurePhantoms,
  type MrPhantoms,
  type Phantoms,
} from './phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  positionsIn,
  searched,
  showSeries,
  TOLERANCE_MM,
  waitUntilShown,
} from './search';

/** From the middle of T12 to where the last rib ends at its vertebra, backwards, mm. */
const RIB_BEHIND_MM = 25;

let phantoms: Phantoms;
let mr: MrPhantoms;
let storeDir: string;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  mr = await ensureMrPhantoms();
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-review-'));
  viewer = await openViewer({ folders: [phantoms.folder, mr.folder], storeDir });
}, 300_000);

afterAll(async () => {
  await viewer?.close();
  await rm(storeDir, { recursive: true, force: true });
});

interface View {
  readonly id: string;
  readonly focalPoint: readonly number[];
  readonly normal: readonly number[];
  readonly slabMm: number | null;
  /** Where the points that are asked for lie in the canvas, as shares of its width and height. */
  readonly shares: readonly (readonly [number, number])[];
}

/** The viewports of the grid as the host has them. */
const views = (page: Page, points: readonly (readonly number[])[] = []) =>
  page.evaluate((of) => {
    const { services } = window as unknown as {
      services: {
        viewportGridService: { getState(): { viewports: Map<string, unknown> } };
        cornerstoneViewportService: {
          getCornerstoneViewport(id: string): {
            getCamera(): { focalPoint: number[]; viewPlaneNormal: number[] };
            getSlabThickness?: () => number;
            worldToCanvas(point: readonly number[]): [number, number];
            element: HTMLElement;
          } | null;
        };
      };
    };
    const { viewportGridService, cornerstoneViewportService } = services;
    return [...viewportGridService.getState().viewports.keys()].flatMap((id): View[] => {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
      if (!viewport) return [];
      const { focalPoint, viewPlaneNormal } = viewport.getCamera();
      const { clientWidth, clientHeight } = viewport.element;
      return [
        {
          id,
          focalPoint: [...focalPoint],
          normal: [...viewPlaneNormal],
          slabMm: viewport.getSlabThickness?.() ?? null,
          shares: of.map((point) => {
            const [x, y] = viewport.worldToCanvas(point);
            return [x / clientWidth, y / clientHeight] as const;
          }),
        },
      ];
    });
  }, points);

const view = async (page: Page, id: string, points: readonly (readonly number[])[] = []) =>
  (await views(page, points)).find((one) => one.id === id)!;

const button = (page: Page) => page.locator('[data-cy=find-l3-review-layout]');
const press = (page: Page) => button(page).click({ timeout: 120_000 });

/** Waits until the axial view of the layout is at a height, mm. */
async function axialAt(page: Page, zMm: number): Promise<void> {
  await page.waitForFunction(
    ([z, within]) => {
      const { cornerstoneViewportService } = (
        window as unknown as {
          services: {
            cornerstoneViewportService: {
              getCornerstoneViewport(id: string): {
                getCamera(): { focalPoint: number[] };
                getActors?: () => readonly unknown[];
              } | null;
            };
          };
        }
      ).services;
      const axial = cornerstoneViewportService.getCornerstoneViewport('findL3-axial');
      const isFilled = (axial?.getActors?.().length ?? 0) > 0;
      return axial !== null && isFilled && Math.abs(axial.getCamera().focalPoint[2] - z) <= within;
    },
    [zMm, TOLERANCE_MM] as const,
    { timeout: 120_000 },
  );
  // The host places new views once more.
  await page.waitForTimeout(1500);
}

describe('Review L3 of a CT', () => {
  test('what was found: three planes at L3, the last rib in the coronal one, and back', async () => {
    const { page } = viewer;
    const { abdomen } = phantoms;
    const [x, , z] = abdomen.truth.L3;
    await openStudy(viewer, abdomen.studyInstanceUID);
    await clickFindL3(page);
    expect(await searched(page)).toBe('found');
    await press(page);
    await axialAt(page, z);
    const rib = abdomen.truth.T12;
    const [sagittal, coronal, axial] = await views(page, [rib]);
    expect([sagittal, coronal, axial].map(({ id }) => id)).toEqual([
      'findL3-sagittal',
      'findL3-coronal',
      'findL3-axial',
    ]);
    expect(Math.abs(sagittal.normal[0])).toBeCloseTo(1, 3);
    expect(Math.abs(sagittal.focalPoint[0] - x)).toBeLessThan(10);
    expect(Math.abs(axial.focalPoint[2] - z)).toBeLessThanOrEqual(TOLERANCE_MM);
    expect(Math.abs(coronal.normal[1])).toBeCloseTo(1, 3);
    // Where the rib begins lies in the slab, and in the picture.
    const behind = Math.abs(rib[1] + RIB_BEHIND_MM - coronal.focalPoint[1]);
    expect(behind).toBeLessThan(coronal.slabMm! / 2);
    for (const share of coronal.shares[0]) {
      expect(share).toBeGreaterThan(0.02);
      expect(share).toBeLessThan(0.98);
    }
    expect(sagittal.slabMm).toBeLessThan(5);
    await waitUntilShown(page, 'L3');
    await viewer.screenshot('review-1-found');

    await press(page);
    await page.waitForFunction(
      () => document.querySelectorAll('[data-cy=viewport-pane]').length === 1,
    );
    const [former, ...others] = await views(page);
    expect([former.id.startsWith('findL3'), others]).toEqual([false, []]);
    await waitUntilShown(page, 'L3');
    await viewer.screenshot('review-2-former');
    expect(complaints(viewer.log)).toEqual([]);
  }, 300_000);

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
});

test('Review L3 of an MR: the sagittal series and the axial slice through L3, as acquired', async () => {
  const { page } = viewer;
  const { studyInstanceUID, seriesInstanceUIDs, truth } = mr.spine;
  const positions = await positionsIn(mr.folder);
  await openStudy(viewer, studyInstanceUID);
  await showSeries(page, seriesInstanceUIDs.t2);
  await clickFindL3(page);
  expect(await outcome(page)).toBe('found');
  await press(page);
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 2,
  );
  await waitUntilShown(page, 'L3');
  const shown = await shownImages(page);
  expect(shown.map(({ viewportId, type }) => [viewportId, type])).toEqual([
    ['findL3-own', 'stack'],
    ['findL3-axial', 'stack'],
  ]);
  const axial = await view(page, 'findL3-axial');
  const position = positions.get(shown[1].sopInstanceUID!)!;
  const off = axial.normal.reduce((sum, n, i) => sum + n * (truth.L3[i] - position[i]), 0);
  expect(Math.abs(off)).toBeLessThanOrEqual(TOLERANCE_MM);
  await viewer.screenshot('review-4-mr');
  await press(page);
  await page.waitForFunction(
    () => document.querySelectorAll('[data-cy=viewport-pane]').length === 1,
  );
  expect(complaints(viewer.log)).toEqual([]);
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
