import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { openViewer, waitForImage, type OpenViewer } from '../harness';
import { marks, save } from '../keeping';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import { clickFindL3, complaints, dragLine, searched, showMpr } from '../search';
import { FootprintMeter, type Footprint } from './footprint';

const PATIENT = 'PHANTOM, FEET FIRST';
const ROUNDS = 20;
/** The stock viewer's own growth is the same from round to round. */
const STOCK_ROUNDS = 10;
/** What a first visit sets up for good is there by then. */
const WARM_AFTER = 5;
const DRAGGED_MM = 30;
/** The host lets its workers end by timers of its own. */
const SETTLES_MS = 1500;
const MODALITY = '00080060';
const REPORT = path.resolve('test-output/leaks.json');

let phantoms: Phantoms;
let storeDir: string;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-leaks-'));
}, 300_000);

afterAll(() => rm(storeDir, { recursive: true, force: true }));

/** Opens the study from the worklist, does something, leaves; the footprint after each round. */
async function visits(
  viewer: OpenViewer,
  count: number,
  inMode: (page: Page) => Promise<void>,
): Promise<readonly Footprint[]> {
  const { page, server } = viewer;
  await page.goto(server.url);
  const meter = await FootprintMeter.of(page);
  const footprints: Footprint[] = [];
  for (let round = 1; round <= count; round++) {
    await page.getByText(PATIENT).dblclick();
    await page.waitForURL('**/viewer?**');
    await waitForImage(page);
    await showMpr(page);
    await inMode(page);
    await page.locator('[data-cy=return-to-work-list]').click();
    await page.getByText(PATIENT).waitFor();
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(SETTLES_MS);
    footprints.push(await meter.measure());
  }
  await meter.close();
  return footprints;
}

/** Finds L3, drags its line in the sagittal view, and saves. */
async function findCorrectSave(page: Page): Promise<void> {
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  const [{ zMm, foundPointLpsMm }, ...more] = await marks(page);
  expect(more).toEqual([]);
  await dragLine(page, foundPointLpsMm!, DRAGGED_MM);
  expect(Math.abs((await marks(page))[0].zMm - zMm - DRAGGED_MM)).toBeLessThan(2);
  expect(await save(page)).toContain('saved to the PACS');
}

/** Takes the reports off the server, so that every round meets the same study. */
function forgetReports({ server }: OpenViewer): number {
  let forgotten = 0;
  for (const { series } of server.index!.studies.values()) {
    for (const [uid, { attributes }] of series) {
      if (attributes[MODALITY]?.Value?.[0] !== 'SR') continue;
      series.delete(uid);
      forgotten++;
    }
  }
  return forgotten;
}

/** By how much a number grows in one round, once everything is set up. */
function growth(footprints: readonly Footprint[], of: (one: Footprint) => number): number {
  const [from, to] = [footprints[WARM_AFTER - 1], footprints.at(-1)!];
  return (of(to) - of(from)) / (footprints.length - WARM_AFTER);
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((all, count) => all + count, 0);

/** What the extension listens to too; of the rest the host leaves more or fewer, as images arrive. */
const ofTools = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(counts).filter(
      ([event, count]) => event.startsWith('CORNERSTONE_TOOLS_') && count > 0,
    ),
  );

describe('rounds of open, find, correct, save and leave, against the stock viewer opened and left', () => {
  let stock: readonly Footprint[];
  let ours: readonly Footprint[];
  /** Growth in one round beyond the stock viewer's own. */
  const excess = (of: (one: Footprint) => number) => growth(ours, of) - growth(stock, of);

  beforeAll(async () => {
    const folders = [phantoms.folder];
    const plain = await openViewer({ folders, storeDir, pluginDir: null });
    try {
      stock = await visits(plain, STOCK_ROUNDS, async () => undefined);
    } finally {
      await plain.close();
    }
    const viewer = await openViewer({ folders, storeDir });
    let reports = 0;
    try {
      ours = await visits(viewer, ROUNDS, async (page) => {
        await findCorrectSave(page);
        reports += forgetReports(viewer);
      });
      expect(complaints(viewer.log)).toEqual([]);
    } catch (error) {
      await viewer.screenshot('leaks-failed');
      throw error;
    } finally {
      await viewer.close();
    }
    expect(reports).toBe(ROUNDS);
    await mkdir(path.dirname(REPORT), { recursive: true });
    await writeFile(REPORT, `${JSON.stringify({ stock, ours }, null, 2)}\n`);
  }, 1_800_000);

  test('no listener of the host’s services or of cornerstone’s tools is left or doubled', () => {
    stock.forEach(({ services, cornerstone }, round) => {
      expect(ours[round]).toMatchObject({ services });
      expect(ofTools(ours[round].cornerstone)).toEqual(ofTools(cornerstone));
    });
    const services = (one: Footprint) => sum(one.services);
    expect(excess(services)).toBe(0);
    expect(excess(({ cornerstone }) => sum(ofTools(cornerstone)))).toBe(0);
  });

  test('no canvas, document, worker or element of the panel is left', () => {
    expect(excess(({ canvases }) => canvases)).toBeLessThan(0.5);
    expect(ours.at(-1)).toMatchObject({
      documents: stock.at(-1)!.documents,
      workers: stock.at(-1)!.workers,
      panelElements: 0,
    });
  });

  test('the page grows as the stock viewer does by itself', () => {
    // A single tree that the host is slow to let go of; one kept each round would be 600 and 200.
    expect(excess(({ nodes }) => nodes)).toBeLessThan(20);
    expect(excess(({ domListeners }) => domListeners)).toBeLessThan(5);
    expect(excess(({ heapMB }) => heapMB)).toBeLessThan(0.3);
  });
});
