import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { openStudy, openViewer, type HostWindow, type OpenViewer } from './harness';
import { showSeries } from './search';
import { ensurePixelKinds, type PixelKinds } from './phantoms/pixelKinds';

/** The one kind that is refused. */
export const NO_HU = 'values that are no HU';

/** What both say of a series. */
export interface Said {
  readonly status: string;
  readonly reason: string | null;
  /** LPS z of L3, to 0.1 mm; null where it was not found. */
  readonly z: string | null;
  /** From 1, as the host counts. */
  readonly slice: number | null;
}

interface Outcome {
  readonly status: string;
  readonly reason?: { readonly code: string };
  readonly l3?: { readonly zMm: number };
  readonly slice?: number;
}

interface FoundSlice {
  readonly zMm: number;
  readonly sopInstanceUID: string;
  readonly frameNumber: number | null;
}

export interface BothReaders {
  readonly pixels: PixelKinds;
  readonly commandLine: ReadonlyMap<string, Said>;
  inViewer(kind: string): Promise<Said>;
  close(): Promise<void>;
}

/** Reads the study of pixel kinds by the command line, and opens it in the stock viewer. */
export async function openBoth(): Promise<BothReaders> {
  const pixels = await ensurePixelKinds();
  const commandLine = await saidByCommandLine(pixels.folder);
  const viewer: OpenViewer = await openViewer({ folders: [pixels.folder] });
  await openStudy(viewer, pixels.studyInstanceUID);
  return {
    pixels,
    commandLine,
    inViewer: (kind) => saidByViewer(viewer.page, pixels.kinds[kind]),
    close: () => viewer.close(),
  };
}

async function saidByCommandLine(folder: string): Promise<ReadonlyMap<string, Said>> {
  const program = path.resolve('src/cli/find-l3.mjs');
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, folder, '--json'], {
    maxBuffer: 2 ** 24,
  });
  return new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => {
        const { seriesInstanceUID, status, reason, l3 } = JSON.parse(line);
        return [seriesInstanceUID, said(status, reason?.code, l3?.z_mm, l3?.slice_number)];
      }),
  );
}

async function saidByViewer(page: Page, seriesInstanceUID: string): Promise<Said> {
  // Else the same place is shown on a series of the study that is on screen already.
  await showSeries(page, seriesInstanceUID);
  const { status, reason, l3, slice } = await page.evaluate(async (uid): Promise<Outcome> => {
    const { services, commandsManager, cornerstone } = window as unknown as HostWindow;
    const { viewportGridService, cornerstoneViewportService } = services;
    const displaySet = services.displaySetService
      .getActiveDisplaySets()
      .find(({ SeriesInstanceUID }) => SeriesInstanceUID === uid);
    if (!displaySet) throw new Error(`The viewer has not loaded series ${uid}`);
    const { displaySetInstanceUID } = displaySet;
    const finding = await commandsManager.runCommand('findL3', { displaySetInstanceUID });
    const answer = finding as (Outcome & { l3?: FoundSlice }) | null;
    if (!answer?.l3) return answer ?? { status: 'failed' };
    for (const latest = Date.now() + 30_000; Date.now() < latest;) {
      for (const id of viewportGridService.getState().viewports.keys()) {
        const viewport = cornerstoneViewportService.getCornerstoneViewport(id);
        const imageId = viewport?.getCurrentImageId();
        const shown = imageId && cornerstone.metaData.get('instance', imageId)?.SOPInstanceUID;
        const { sopInstanceUID, frameNumber } = answer.l3;
        const isFrame = frameNumber === null || imageId?.endsWith(`/frames/${frameNumber}`);
        if (!viewport || shown !== sopInstanceUID || !isFrame) continue;
        return { ...answer, slice: viewport.getSliceIndex() + 1 };
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('No viewport came to show the slice of L3');
  }, seriesInstanceUID);
  return said(status, reason?.code, l3?.zMm, slice);
}

function said(
  status: string,
  reason: string | undefined,
  z: number | undefined,
  slice: number | undefined,
): Said {
  return {
    status,
    reason: reason ?? null,
    z: z === undefined ? null : z.toFixed(1),
    slice: slice ?? null,
  };
}
