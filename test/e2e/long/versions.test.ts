import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { measurements, openStudy, openViewer, shownImages, type OpenViewer } from '../harness';
import {
  marks,
  MOVED_UP_MM,
  reopened,
  run,
  save,
  saveInAnotherTab,
  showPanel,
  type Mark,
} from '../keeping';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  dragLine,
  searched,
  showMpr,
  TOLERANCE_MM,
  waitForMarkAt,
  watchForeignRequests,
} from '../search';
import STOCK from '../../../scripts/viewer.json';
import OTHERS from './otherViewers.json';

const DRAGGED_MM = 30;
const SLICE_MM = 3;
const REPORT = path.resolve('test-output/versions.json');
/** What was seen, by version: heights in LPS mm, times in ms. */
const seen: Record<string, Record<string, number | string>> = {};
let phantoms: Phantoms;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
}, 300_000);

afterAll(async () => {
  await mkdir(path.dirname(REPORT), { recursive: true });
  await writeFile(REPORT, `${JSON.stringify(seen, null, 2)}\n`);
});

const axialZ = async (page: Page) =>
  (await shownImages(page)).find(({ viewportId }) => viewportId === 'mpr-axial')!.focalPoint[2];

/** Waits until the axial MPR view shows a height, LPS mm, to half a slice. */
async function expectAxialAt(page: Page, zMm: number): Promise<void> {
  const latest = Date.now() + 15_000;
  while (Math.abs((await axialZ(page)) - zMm) > SLICE_MM / 2 + 0.01 && Date.now() < latest) {
    await page.waitForTimeout(100);
  }
  expect(Math.abs((await axialZ(page)) - zMm)).toBeLessThanOrEqual(SLICE_MM / 2 + 0.01);
}

describe.each([STOCK, ...OTHERS].map(({ version }) => version))('OHIF %s', (version) => {
  const viewerDir = path.resolve('.cache/ohif', version, 'dist');
  const ifThere = existsSync(viewerDir) ? test : test.skip;
  let storeDir: string;
  let saved: Mark;

  beforeAll(async () => {
    storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-versions-'));
  });

  afterAll(() => rm(storeDir, { recursive: true, force: true }));

  /** Does something in a viewer that knows nothing yet; its picture and log are kept where that fails. */
  const inViewer = (does: (viewer: OpenViewer) => Promise<void>) => async () => {
    const viewer = await openViewer({ folders: [phantoms.folder], viewerDir, storeDir });
    try {
      await does(viewer);
    } catch (error) {
      await viewer.screenshot(`version-${version}-failed`);
      console.log(viewer.log.slice(-40).join('\n'));
      throw error;
    } finally {
      await viewer.close();
    }
  };

  ifThere(
    'found by a click, dragged in the sagittal view, undone, redone, saved',
    inViewer(async (viewer) => {
      const foreign = watchForeignRequests(viewer);
      const { page } = viewer;
      const { abdomen } = phantoms;
      await openStudy(viewer, abdomen.studyInstanceUID);
      await showMpr(page);
      const clicked = Date.now();
      await clickFindL3(page);
      expect(await searched(page)).toBe('found');
      const foundInMs = Date.now() - clicked;
      const [mark, ...others] = await measurements(page);
      expect(others).toEqual([]);
      expect(mark).toMatchObject({ label: 'L3', toolName: 'L3Level' });
      const found = mark.points![0];
      expect(Math.abs(found[2] - abdomen.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
      await expectAxialAt(page, found[2]);
      const shown = await axialZ(page);
      await viewer.screenshot(`version-${version}-1-found`);

      await dragLine(page, found, DRAGGED_MM);
      [saved] = await marks(page);
      expect(Math.abs(saved.zMm - found[2] - DRAGGED_MM)).toBeLessThan(2);
      await expectAxialAt(page, saved.zMm);
      await run(page, 'undo');
      await waitForMarkAt(page, found[2]);
      await expectAxialAt(page, found[2]);
      await run(page, 'redo');
      await waitForMarkAt(page, saved.zMm);
      await expectAxialAt(page, saved.zMm);
      await viewer.screenshot(`version-${version}-2-dragged`);
      expect(await save(page)).toContain('saved to the PACS');
      expect(foreign).toEqual([]);
      expect(complaints(viewer.log)).toEqual([]);
      seen[version] = {
        truthZMm: abdomen.truth.L3[2],
        foundZMm: found[2],
        axialZMm: shown,
        draggedZMm: saved.zMm,
        foundInMs,
      };
    }),
    240_000,
  );

  ifThere(
    'back in a browser that knows nothing, as it was saved',
    inViewer(async (viewer) => {
      const mark = await reopened(viewer, phantoms.abdomen);
      const { uid, label, model, moved } = saved;
      expect(mark).toMatchObject({ uid, label, model, moved });
      expect(mark.slice!.sopInstanceUID).toBe(saved.slice!.sopInstanceUID);
      expect(mark.zMm).toBeCloseTo(saved.zMm, 2);
      expect(mark.foundPointLpsMm![2]).toBeCloseTo(saved.foundPointLpsMm![2], 2);
      expect(mark.probability).toBeCloseTo(saved.probability!, 4);
      expect(complaints(viewer.log)).toEqual([]);
      await viewer.screenshot(`version-${version}-3-back`);
      Object.assign(seen[version], { restoredZMm: mark.zMm });
    }),
    180_000,
  );

  ifThere(
    'saved by somebody else meanwhile: asked, and decided',
    inViewer(async (viewer) => {
      const { page } = viewer;
      const { abdomen } = phantoms;
      await reopened(viewer, abdomen);
      const [{ zMm }] = await marks(page);
      expect(await saveInAnotherTab(viewer, abdomen, zMm - MOVED_UP_MM)).toBe(true);
      await run(page, 'moveLevelMark', { zMm: zMm + MOVED_UP_MM });
      expect(await run(page, 'saveLevels')).toBe(false);
      expect((await marks(page)).map((mark) => mark.zMm)).toEqual([
        expect.closeTo(zMm + MOVED_UP_MM, 0),
      ]);
      await showPanel(page);
      await viewer.screenshot(`version-${version}-4-conflict`);
      await page.locator('[data-cy=find-l3-conflict-theirs]').click();
      await page.locator('[data-cy=find-l3-conflict]').waitFor({ state: 'detached' });
      expect((await marks(page)).map((mark) => mark.zMm)).toEqual([
        expect.closeTo(zMm - MOVED_UP_MM, 0),
      ]);
      expect(complaints(viewer.log)).toEqual([]);
    }),
    180_000,
  );
});
