import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import {
  measurements,
  openViewer,
  outcome,
  shownImages,
  waitForImage,
  type HostWindow,
  type OpenViewer,
} from './harness';
import { showPanel } from './keeping';
import { madeBy } from './phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  panelZ,
  showMpr,
  TOLERANCE_MM,
  waitUntilShown,
  watchForeignRequests,
} from './search';

type Truth = Readonly<Record<string, readonly number[]>>;

const FILES = ['ct.nii.gz', 'mr.nii', 'unplaced.nii.gz'];
let folder: string;
let truth: { readonly ct: Truth; readonly mr: Truth };
let viewer: OpenViewer;
let foreign: readonly string[];

beforeAll(async () => {
  folder = await madeBy('writeNifti.ts', 'phantoms-nifti');
  truth = JSON.parse(await readFile(path.join(folder, 'truth.json'), 'utf8')) as typeof truth;
  viewer = await openViewer({ nifti: FILES.map((name) => path.join(folder, name)) });
  foreign = watchForeignRequests(viewer);
}, 300_000);

afterAll(() => viewer?.close());

/** Opens a file at the address that `npm start -- --nifti FILE` prints. */
async function open(name: string, more = ''): Promise<void> {
  const { page, server } = viewer;
  const served = server.nifti.find(({ file }) => path.basename(file) === name)!;
  await page.goto(`${server.url}${served.viewerPath}${more}`);
}

async function find(page: Page): Promise<void> {
  await clickFindL3(page);
  expect(await outcome(page)).toBe('found');
  await waitUntilShown(page, 'L3');
}

/** What the host holds at a patient point: of the slice that a stack shows, or of a volume. */
async function valueAt(page: Page, viewportId: string, point: readonly number[]): Promise<number> {
  return page.evaluate(
    ([id, world]) => {
      interface Voxels {
        getAtIJK(i: number, j: number, k: number): number;
      }
      interface Holder {
        readonly type: string;
        getVolumeId(): string;
        getCurrentImageId(): string;
        getImageData(): { imageData: { worldToIndex(p: readonly number[]): number[] } };
      }
      const host = window as unknown as HostWindow & {
        cornerstone: {
          cache: {
            getVolume(id: string): { voxelManager: Voxels };
            getImage(id: string): { columns: number; getPixelData(): ArrayLike<number> };
          };
        };
      };
      const { services, cornerstone } = host;
      const viewport = services.cornerstoneViewportService.getCornerstoneViewport(
        id,
      ) as unknown as Holder;
      const [i, j, k] = viewport.getImageData().imageData.worldToIndex(world).map(Math.round);
      if (viewport.type !== 'stack') {
        return cornerstone.cache.getVolume(viewport.getVolumeId()).voxelManager.getAtIJK(i, j, k);
      }
      const image = cornerstone.cache.getImage(viewport.getCurrentImageId());
      return image.getPixelData()[j * image.columns + i];
    },
    [viewportId, point] as const,
  );
}

/** Drops a file of this machine on the page, as a person's hand does. */
async function drop(page: Page, name: string): Promise<void> {
  const bytes = await readFile(path.join(folder, name));
  const transfer = await page.evaluateHandle(
    ([base64, fileName]) => {
      const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      const made = new DataTransfer();
      made.items.add(new File([data], fileName));
      return made;
    },
    [bytes.toString('base64'), name] as const,
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

describe('a CT by address', () => {
  test('is shown with the values and the place that the file states', async () => {
    const { page } = viewer;
    await open('ct.nii.gz');
    const notice = page.locator('[data-cy=find-l3-nifti-information]');
    await expect(notice.innerText({ timeout: 60_000 })).resolves.toMatch(
      /ct\.nii\.gz: CT[^]*change it in the panel of Find L3/,
    );
    await notice.locator('button').click();
    await waitForImage(page);
    const [{ viewportId, type, viewPlaneNormal }] = await shownImages(page);
    expect(type).toBe('stack');
    expect(Math.abs(viewPlaneNormal[2])).toBeCloseTo(1, 5);
    await viewer.screenshot('nifti-ct-opened');
    // Air in front of the body, at the front edge of the field of view.
    const [image] = await shownImages(page);
    const [x, , z] = image.focalPoint;
    const front = [x, truth.ct.L3[1] - 190, z];
    expect(await valueAt(page, viewportId, front)).toBeLessThan(-900);
  }, 120_000);

  test('one click goes to mid-L3 and marks it', async () => {
    const { page } = viewer;
    await find(page);
    const [shown] = await shownImages(page);
    expect(Math.abs(shown.focalPoint[2] - truth.ct.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    expect(Math.abs((await panelZ(page)) - truth.ct.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    // Bone of the body, in HU: what was painted there.
    const value = await valueAt(page, shown.viewportId, truth.ct.L3);
    expect(value).toBeGreaterThan(100);
    expect(value).toBeLessThan(500);
    expect(await measurements(page)).toHaveLength(1);
    await viewer.screenshot('nifti-ct-found');
  }, 120_000);

  test('in MPR every plane goes there', async () => {
    const { page } = viewer;
    await showMpr(page);
    await find(page);
    const views = await shownImages(page);
    const view = (id: string) => views.find(({ viewportId }) => viewportId === id)!.focalPoint;
    expect(Math.abs(view('mpr-axial')[2] - truth.ct.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
    expect(Math.abs(view('mpr-sagittal')[0] - truth.ct.L3[0])).toBeLessThan(10);
    const value = await valueAt(page, 'mpr-axial', truth.ct.L3);
    expect(value).toBeGreaterThan(100);
    await viewer.screenshot('nifti-ct-mpr');
  }, 120_000);
});

test('a CT that the address calls MR is searched as CT once a person says so in the panel', async () => {
  const { page } = viewer;
  await open('ct.nii.gz', '&modality=MR');
  await waitForImage(page);
  const group = page.getByRole('group', { name: 'Modality of this file' });
  const assumed = () => page.locator('[data-cy=find-l3-modality]').innerText();
  await showPanel(page);
  await expect(assumed()).resolves.toMatch(/As the address of the page says/);
  const uids = () =>
    page.evaluate(() => {
      const { services } = window as unknown as HostWindow;
      const [series] = services.displaySetService.getActiveDisplaySets();
      return { series: series.SeriesInstanceUID, modality: series.Modality };
    });
  const before = await uids();
  await viewer.screenshot('nifti-modality-address');
  await group.getByRole('button', { name: 'CT' }).click();
  await expect(assumed()).resolves.toMatch(/As you chose/);
  expect(await uids()).toEqual({ series: before.series, modality: 'CT' });
  await find(page);
  expect(Math.abs((await panelZ(page)) - truth.ct.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
  await viewer.screenshot('nifti-modality-chosen');
  await group.getByRole('button', { name: 'MR' }).click();
  await page.locator('[data-cy=find-l3-outcome][data-phase=idle]').waitFor();
  await page.waitForFunction(() => {
    const { services } = window as unknown as HostWindow;
    return services.measurementService.getMeasurements().length === 0;
  });
  expect((await uids()).series).toBe(before.series);
  await viewer.screenshot('nifti-modality-taken-back');
}, 180_000);

test('a sagittal MR in float values that is dropped on the list of studies', async () => {
  const { page, server } = viewer;
  await page.goto(server.url);
  await page.waitForFunction(() => 'commandsManager' in window && document.body.innerText !== '');
  await page.waitForTimeout(2_000);
  await drop(page, 'mr.nii');
  await waitForImage(page);
  const [image] = await shownImages(page);
  await showPanel(page);
  const modality = page.locator('[data-cy=find-l3-modality]');
  await expect(modality.innerText()).resolves.toMatch(/Assumed: no value is as low as air in CT/);
  await modality.getByRole('button', { name: 'MR', pressed: true }).waitFor();
  // In the plane it was acquired in.
  expect(Math.abs(image.viewPlaneNormal[0])).toBeCloseTo(1, 5);
  await find(page);
  expect(Math.abs((await panelZ(page)) - truth.mr.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
  const [shown] = await shownImages(page);
  expect(Math.abs(shown.focalPoint[0] - truth.mr.L3[0])).toBeLessThanOrEqual(4);
  await viewer.screenshot('nifti-mr-dropped');
}, 120_000);

test('without patient orientation it is refused, with the reason and a way out', async () => {
  const { page } = viewer;
  await open('unplaced.nii.gz');
  const problem = page.locator('[data-cy=find-l3-nifti-problem]');
  await problem.waitFor({ timeout: 60_000 });
  await expect(problem.innerText()).resolves.toMatch(
    /^unplaced\.nii\.gz: The slices carry no usable patient orientation/,
  );
  await viewer.screenshot('nifti-refused');
  await problem.locator('button', { hasText: 'Studies' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  expect(await problem.count()).toBe(0);
}, 90_000);

test('all of it came from the viewer’s own server, and the browser has no complaint', () => {
  expect(foreign).toEqual([]);
  expect(complaints(viewer.log)).toEqual([]);
});
