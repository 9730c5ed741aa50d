import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import dicomParser from 'dicom-parser';
import type { Page } from 'playwright-core';
import { outcome, shownImages, waitForImage, type HostWindow, type OpenViewer } from './harness';

/** The worst distance of a right answer from the truth: a third of a vertebral body, mm. */
export const TOLERANCE_MM = 5;

/** Image Position (Patient) of the files of a folder by SOP Instance UID, read from the files. */
export async function positionsIn(folder: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const positions = new Map<string, readonly number[]>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /\.(json|txt|md)$/.test(entry.name)) continue;
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    const dataSet = dicomParser.parseDicom(bytes, { untilTag: 'x7fe00010' });
    const uid = dataSet.string('x00080018');
    const position = dataSet.string('x00200032')?.split('\\').map(Number);
    if (uid && position) positions.set(uid, position);
  }
  return positions;
}

/** Shows a series in the active viewport as a person does: by a double click on its thumbnail. */
export async function showSeries(page: Page, seriesInstanceUID: string): Promise<void> {
  const displaySet = await page.evaluate(
    (uid) =>
      (window as unknown as HostWindow).services.displaySetService
        .getActiveDisplaySets()
        .find(({ SeriesInstanceUID }) => SeriesInstanceUID === uid)?.displaySetInstanceUID,
    seriesInstanceUID,
  );
  if (!displaySet) throw new Error(`The viewer has not loaded series ${seriesInstanceUID}`);
  await page.locator(`#thumbnail-${displaySet}`).dblclick();
  await page.waitForFunction(
    (uid) => {
      const { services, cornerstone } = window as unknown as HostWindow;
      const id = services.viewportGridService.getActiveViewportId();
      const imageId = services.cornerstoneViewportService
        .getCornerstoneViewport(id)
        ?.getCurrentImageId();
      return imageId && cornerstone.metaData.get('instance', imageId)?.SeriesInstanceUID === uid;
    },
    seriesInstanceUID,
    { timeout: 90_000 },
  );
}

/** Clicks the toolbar's button. */
export async function clickFindL3(page: Page): Promise<void> {
  await page.locator('[data-cy=FindL3-btn]').click();
}

/** Waits until something of the answer is shown: "L3", "T12" and so on, as the panel says it. */
export async function waitUntilShown(page: Page, what: string): Promise<void> {
  await page.waitForFunction(
    (text) => document.querySelector('[data-cy=find-l3-shown]')?.textContent === text,
    `Shown: ${what}`,
    { timeout: 30_000 },
  );
}

/** Waits until the host's first measurement lies at a height, LPS mm. */
export async function waitForMarkAt(page: Page, zMm: number): Promise<void> {
  await page.waitForFunction(
    (z) => {
      const { measurementService } = (window as unknown as HostWindow).services;
      const at = measurementService.getMeasurements()[0]?.points?.[0][2];
      return at !== undefined && Math.abs(at - z) < 0.01;
    },
    zMm,
    { timeout: 60_000 },
  );
}

/** Runs a command of the viewer. */
export async function runCommand(page: Page, name: string, options: object = {}): Promise<void> {
  await page.evaluate(
    ([command, given]) =>
      void (window as unknown as HostWindow).commandsManager.runCommand(command, given),
    [name, options] as const,
  );
}

/** Waits for the end of a search; if L3 was found, also for the jump and the mark. */
export async function searched(page: Page): Promise<string> {
  const status = await outcome(page);
  if (status !== 'found') return status;
  await waitUntilShown(page, 'L3');
  await page.waitForFunction(
    () =>
      (window as unknown as HostWindow).services.measurementService.getMeasurements().length > 0,
    undefined,
    { timeout: 30_000 },
  );
  return status;
}

/** SOP Instance UID of the image that the one viewport of the grid shows. */
export async function shownInstance(page: Page): Promise<string | null> {
  const shown = await shownImages(page);
  if (shown.length !== 1) throw new Error(`The grid shows ${shown.length} viewports, not one`);
  return shown[0].sopInstanceUID;
}

/** LPS z of the slice that the one viewport of the grid shows, from that slice's own file. */
export async function shownZ(
  page: Page,
  positions: ReadonlyMap<string, readonly number[]>,
): Promise<number> {
  const uid = await shownInstance(page);
  const position = uid === null ? undefined : positions.get(uid);
  if (!position) throw new Error(`The viewport shows ${uid}, which is no file of this test`);
  return position[2];
}

/** Puts the viewports into OHIF's MPR layout and waits until all three show their volume. */
export async function showMpr(page: Page): Promise<void> {
  await page.evaluate(() =>
    (window as unknown as HostWindow).commandsManager.runCommand('setHangingProtocol', {
      protocolId: 'mpr',
    }),
  );
  await page.waitForFunction(
    () => {
      const { viewportGridService, cornerstoneViewportService } = (window as unknown as HostWindow)
        .services;
      const ids = [...viewportGridService.getState().viewports.keys()];
      const ready = (id: string) => {
        const viewport = cornerstoneViewportService.getCornerstoneViewport(id) as {
          getActors?: () => readonly unknown[];
        } | null;
        return (viewport?.getActors?.().length ?? 0) > 0;
      };
      return ids.includes('mpr-axial') && ids.length === 3 && ids.every(ready);
    },
    undefined,
    { timeout: 90_000 },
  );
  await waitForImage(page);
}

/** Where an LPS point lies in the page, as the host's viewport says. */
export async function onPage(
  page: Page,
  viewportId: string,
  point: readonly number[],
): Promise<{ x: number; y: number }> {
  return page.evaluate(
    ([id, p]) => {
      const { cornerstoneViewportService } = (window as unknown as HostWindow).services;
      const viewport = cornerstoneViewportService.getCornerstoneViewport(id)!;
      const [x, y] = viewport.worldToCanvas(p);
      const box = viewport.element.getBoundingClientRect();
      return { x: box.left + x, y: box.top + y };
    },
    [viewportId, point] as const,
  );
}

/** Drags the level's line in the sagittal view of the MPR layout, as a person does, by mm upwards. */
export async function dragLine(
  page: Page,
  [x, y, z]: readonly number[],
  byMm: number,
): Promise<void> {
  const grip = await onPage(page, 'mpr-sagittal', [x, y + 20, z]);
  const target = await onPage(page, 'mpr-sagittal', [x, y + 20, z + byMm]);
  // The first press on a viewport only makes it the active one.
  await page.mouse.click(target.x, target.y - 60);
  await page.mouse.move(grip.x, grip.y);
  await page.mouse.down();
  await page.mouse.move(target.x, (grip.y + target.y) / 2, { steps: 5 });
  await page.mouse.move(target.x, target.y, { steps: 5 });
  await page.mouse.up();
}

/** z that the panel gives for L3, mm; NaN where it shows no L3. */
export async function panelZ(page: Page): Promise<number> {
  const found = page.locator('[data-cy=find-l3-found]');
  return (await found.count()) === 0 ? NaN : Number(await found.getAttribute('data-z-mm'));
}

/** What the last search ran on, as the model card says it: the runtime, and in words. */
export async function ranOn(page: Page): Promise<{ runtime: string | null; text: string }> {
  await page.locator('[data-cy=find-l3-model-card]').click();
  const element = page.locator('[data-cy=find-l3-runtime]');
  const runtime = await element.getAttribute('data-runtime');
  const text = await element.innerText();
  await page.locator('[data-cy=find-l3-card-close]').click();
  return { runtime, text };
}

/** What the browser says that the extension is to blame for; whoever leaves a page or a search gives up what is still loading. */
export function complaints(log: readonly string[]): string[] {
  return log.filter(
    (line) =>
      !/net::ERR_ABORTED$/.test(line) &&
      (/Content Security Policy|Refused to/i.test(line) ||
        (/^\[(pageerror|failed|[45]\d\d)\]/.test(line) && line.includes('/plugins/'))),
  );
}

/** Every address outside the server that the page or its workers asked for, from now on. */
export function watchForeignRequests({ context, server }: OpenViewer): readonly string[] {
  const foreign: string[] = [];
  context.on('request', (request) => {
    const url = request.url();
    if (/^(blob|data):/.test(url)) return;
    if (new URL(url).origin !== server.url) foreign.push(url);
  });
  return foreign;
}
