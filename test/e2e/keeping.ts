import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decode, encode } from 'fast-png';
import type { Page } from 'playwright-core';
import { decodeCorrections } from '../../src/corrections/correctionFile';
import { openStudy, waitForImage, type HostWindow, type OpenViewer } from './harness';
import { Orthanc } from './orthanc';
import type { PhantomStudy } from './phantoms/phantoms';

const SCREENSHOTS = path.resolve('test-output/screenshots');
/** To the next vertebra. */
export const MOVED_UP_MM = 34;
export const SALT = 'of the tests, long enough';
/** Of the stack of the axial series, from 0. */
export const EDITED_SLICE = 60;

/** What the page shares of cornerstone, as far as these tests read the host's own state. */
interface ToolsWindow {
  readonly cornerstoneTools: {
    readonly annotation: {
      readonly state: {
        getAllAnnotations(): readonly {
          readonly annotationUID: string;
          readonly metadata: { readonly toolName: string; readonly referencedImageId?: string };
          readonly data: {
            readonly label: string;
            readonly handles: { points: number[][] };
            readonly level: {
              readonly displaySetInstanceUID: string;
              readonly seriesInstanceUID: string;
              readonly foundPointLpsMm: readonly number[] | null;
              readonly probability: number | null;
              readonly model: { readonly sha256: string } | null;
              readonly moved: { readonly at: string } | null;
              readonly slice: { readonly sopInstanceUID: string } | null;
            };
          };
        }[];
      };
    };
  };
}

/** The level annotations that cornerstone holds. */
export const marks = (page: Page) =>
  page.evaluate(() => {
    const { annotation } = (window as unknown as ToolsWindow).cornerstoneTools;
    return annotation.state
      .getAllAnnotations()
      .filter(({ metadata }) => metadata.toolName === 'L3Level')
      .map(({ annotationUID, data }) => ({
        uid: annotationUID,
        label: data.label,
        zMm: data.handles.points[0][2],
        ...data.level,
      }));
  });

export type Mark = Awaited<ReturnType<typeof marks>>[number];

export const run = (page: Page, command: string, options: object = {}) =>
  page.evaluate(
    ([name, opts]) =>
      (window as unknown as HostWindow).commandsManager.runCommand(
        name as string,
        opts as object,
      ) as Promise<unknown>,
    [command, options] as const,
  );

/** Presses "Confirm & save" in the panel, and waits for what it says. */
export async function save(page: Page): Promise<string> {
  const note = page.locator('[data-cy=find-l3-keep-note]');
  const button = page.locator('[data-cy=find-l3-confirm]');
  expect(await button.getAttribute('aria-disabled')).toBe('false');
  await button.click();
  await page.waitForFunction(
    () =>
      document.querySelector('[data-cy=find-l3-confirm]')?.getAttribute('aria-busy') === 'false' &&
      document.querySelector('[data-cy=find-l3-keep-note]')?.textContent !== '',
    undefined,
    { timeout: 30_000 },
  );
  return (await note.textContent()) ?? '';
}

/** Brings the panel to the front, as a click on its icon does. */
export async function showPanel(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { panelService } = (window as unknown as HostWindow).services as unknown as {
      panelService: {
        getPanels(position: string): readonly { readonly id: string }[];
        activatePanel(id: string, force: boolean): void;
      };
    };
    const panel = panelService.getPanels('right').find(({ id }) => id.endsWith('.findL3'));
    panelService.activatePanel(panel!.id, true);
  });
  await page.locator('[data-cy=find-l3-panel]').waitFor({ timeout: 15_000 });
}

/**
 * Moves the study's saved level in a tab of its own and saves it, as a colleague would.
 *
 * @returns whether it was saved
 */
export async function saveInAnotherTab(
  { context, server }: OpenViewer,
  { studyInstanceUID }: PhantomStudy,
  zMm: number,
): Promise<unknown> {
  const other = await context.newPage();
  await other.goto(`${server.url}/viewer?StudyInstanceUIDs=${studyInstanceUID}`);
  await waitForImage(other);
  await other.waitForFunction(
    () =>
      (window as unknown as HostWindow).services.measurementService.getMeasurements().length > 0,
  );
  await run(other, 'moveLevelMark', { zMm });
  const isSaved = await run(other, 'saveLevels');
  await other.close();
  return isSaved;
}

/** Opens the study and waits until its saved level is back. */
export async function reopened(viewer: OpenViewer, { studyInstanceUID }: PhantomStudy) {
  await openStudy(viewer, studyInstanceUID);
  await viewer.page.waitForFunction(
    () =>
      (window as unknown as HostWindow).services.measurementService.getMeasurements().length > 0,
    undefined,
    { timeout: 30_000 },
  );
  const [mark, ...more] = await marks(viewer.page);
  expect(more).toEqual([]);
  return mark;
}

/** Unfolds every part of the panel. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const part of document.querySelectorAll('[data-cy=find-l3-panel] details')) {
      part.setAttribute('open', '');
    }
  });
}

/** What a button of the panel downloads. */
export async function downloaded(
  page: Page,
  button: string,
): Promise<{ name: string; bytes: Buffer }> {
  await unfold(page);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator(`[data-cy=find-l3-keep-${button}]`).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** The exports tell where the mark lies; the item for training tells of no one. */
export async function expectFiles(page: Page, zMm: number): Promise<void> {
  const csv = await downloaded(page, 'csv');
  expect(csv.name).toMatch(/^find-l3_[0-9.]+_levels\.csv$/);
  const lines = csv.bytes.toString('utf8').trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain(`,${Math.round(zMm * 100) / 100},`);
  const json = JSON.parse((await downloaded(page, 'json')).bytes.toString('utf8')) as {
    levels: {
      z_mm: number;
      found_z_mm: number;
      slice_z_mm: number;
      slice_thickness_mm: number;
      slice_number: number;
      instance_number: number;
      seriesDescription: string;
      state: string;
    }[];
  };
  expect(json.levels).toHaveLength(1);
  expect(json.levels[0].z_mm).toBeCloseTo(zMm, 1);
  expect(json.levels[0].found_z_mm).toBeCloseTo(zMm - MOVED_UP_MM, 1);
  expect(json.levels[0].seriesDescription).toMatch(/^SYNTHETIC/);
  const [level] = json.levels;
  expect(Math.abs(level.slice_z_mm - zMm)).toBeLessThanOrEqual(level.slice_thickness_mm);
  expect(level).toMatchObject({ state: 'moved', slice_number: level.instance_number });
  const png = decode((await downloaded(page, 'png')).bytes);
  expect([png.width, png.height]).not.toContain(0);
  await mkdir(SCREENSHOTS, { recursive: true });
  await writeFile(path.join(SCREENSHOTS, 'report-export.png'), encode(png));
  const axial = await downloaded(page, 'png-axial');
  expect(axial.name).toMatch(/^find-l3_[0-9.]+_L3_axial\.png$/);
  expect(decode(axial.bytes).width).toBeGreaterThanOrEqual(512);
  await writeFile(path.join(SCREENSHOTS, 'report-export-axial.png'), axial.bytes);

  const correction = await downloaded(page, 'correction');
  expect(correction.name).toMatch(/^find-l3-[0-9a-f]{8}\.correction$/);
  const [item, ...more] = decodeCorrections(new Uint8Array(correction.bytes));
  expect(more).toEqual([]);
  expect([item.modality, item.final.action]).toEqual(['CT', 'renumbered']);
  for (const secret of ['PHANTOM', 'SYNTHETIC', '2025', '2.25.', SALT]) {
    expect(correction.bytes.includes(secret)).toBe(false);
  }
}

/** What the panel hands over of L3 is, byte for byte, one of the files that the images came from. */
export async function expectHandedOver(page: Page, files: readonly string[]): Promise<void> {
  await unfold(page);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('[data-cy=find-l3-hand-dicom]').click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^find-l3_[0-9.]+_series-\d+_L3_slice-\d+\.dcm$/);
  const bytes = await readFile(await file.path());
  const sources = await Promise.all(files.map((one) => readFile(one)));
  expect(sources.filter((source) => source.equals(bytes))).toHaveLength(1);
}

/** The reports that Orthanc holds, oldest first. */
export async function reports(orthanc: Orthanc): Promise<ArrayBuffer[]> {
  const find = await fetch(`${orthanc.origin}/tools/find`, {
    method: 'POST',
    body: JSON.stringify({ Level: 'Instance', Expand: true, Query: { Modality: 'SR' } }),
  });
  const all = (await find.json()) as { ID: string; IndexInSeries: number }[];
  all.sort((a, b) => a.IndexInSeries - b.IndexInSeries);
  return Promise.all(
    all.map(async ({ ID }) =>
      (await fetch(`${orthanc.origin}/instances/${ID}/file`)).arrayBuffer(),
    ),
  );
}

/** An Orthanc that answers "stored" to reports and drops them, while the file `flag` is there. */
export async function refusingOrthanc(folder: string, flag: string): Promise<Orthanc> {
  const script = path.join(folder, 'refuse.lua');
  await writeFile(
    script,
    `function ReceivedInstanceFilter(dicom)
       local flag = io.open('${flag}')
       if flag then flag:close() end
       return flag == nil or dicom.Modality ~= 'SR'
     end`,
  );
  return Orthanc.start({ LuaScripts: [script] });
}

/** Scrolls to an image of the stack in the active viewport, and marks L3 there as a person does. */
export async function markOnSlice(page: Page, sliceIndex: number): Promise<void> {
  await page.evaluate(async (index) => {
    const { services, commandsManager } = window as unknown as HostWindow;
    const id = services.viewportGridService.getActiveViewportId();
    const viewport = services.cornerstoneViewportService.getCornerstoneViewport(id);
    await (viewport as unknown as { setImageIdIndex(i: number): Promise<void> }).setImageIdIndex(
      index,
    );
    commandsManager.runCommand('setLevelFromCurrentSlice');
  }, sliceIndex);
}

/** What the host does when a person loads its newest report. */
export async function hydrate(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      (window as unknown as HostWindow).services.displaySetService
        .getActiveDisplaySets()
        .some(({ Modality }) => Modality === 'SR'),
    undefined,
    { timeout: 30_000 },
  );
  await page.evaluate(async () => {
    const { services, commandsManager } = window as unknown as HostWindow;
    const all = services.displaySetService.getActiveDisplaySets() as unknown as {
      Modality: string;
      displaySetInstanceUID: string;
      load(): Promise<void>;
      instance: { ContentDate: string; ContentTime: string };
    }[];
    const [newest] = all
      .filter(({ Modality }) => Modality === 'SR')
      .sort((a, b) => Number(b.instance.ContentTime) - Number(a.instance.ContentTime));
    await newest.load();
    const { displaySetInstanceUID } = newest;
    commandsManager.runCommand('hydrateStructuredReport', { displaySetInstanceUID });
  });
}

/** What the host's "save" does after its dialog. */
export async function saveAsHost(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { services, commandsManager } = window as unknown as {
      services: HostWindow['services'];
      commandsManager: {
        runCommand(name: string, options: object, context: string): Promise<unknown>;
      };
    };
    await commandsManager.runCommand(
      'storeMeasurements',
      {
        measurementData: services.measurementService.getMeasurements(),
        dataSource: 'dicomweb',
        additionalFindingTypes: ['ArrowAnnotate'],
        options: { SeriesDescription: 'host save', SeriesNumber: 3001 },
      },
      'CORNERSTONE_STRUCTURED_REPORT',
    );
  });
}

/** SOP Instance UID of the image that the first measurement lies on, as the host says. */
export async function referencedInstance(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { services } = window as unknown as HostWindow;
    const [first] = services.measurementService.getMeasurements() as unknown as {
      SOPInstanceUID: string;
    }[];
    return first.SOPInstanceUID;
  });
}
