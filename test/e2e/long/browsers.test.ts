import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { measurements, openStudy, openViewer, type OpenViewer } from '../harness';
import { marks, reopened, save, showPanel } from '../keeping';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  dragLine,
  ranOn,
  searched,
  showMpr,
  TOLERANCE_MM,
} from '../search';
import { firefoxIsInstalled, INSTALL_FIREFOX, launchFirefox } from './firefox';
import { Screen } from './screen';
import { INSTALL_WEBKIT, openInWebKit, webkitIsInstalled } from './webkit';

const DRAGGED_MM = 30;
/** Software draws here: what is looked at in a picture has to have come. */
const DRAWN_AFTER_MS = 3000;
const REPORT = path.resolve('test-output/browsers.json');
type Served = Parameters<typeof openInWebKit>[1];

/** A browser beside Chromium, which the other tests use. */
interface OtherBrowser {
  readonly install: string;
  readonly isInstalled: boolean;
  readonly open: (served: Served) => Promise<OpenViewer>;
  /** What the model card says that the search ran on. */
  readonly ran: RegExp;
}

let screen: Screen;
const BROWSERS: Readonly<Record<string, OtherBrowser>> = {
  firefox: {
    install: INSTALL_FIREFOX,
    isInstalled: firefoxIsInstalled(),
    open: (served) => openViewer({ ...served, launch: () => launchFirefox(screen) }),
    ran: /^Processor \(wasm, [2-4] threads\): this browser has no WebGPU$/,
  },
  webkit: {
    install: INSTALL_WEBKIT,
    isInstalled: webkitIsInstalled(),
    open: (served) => openInWebKit(screen, served),
    // Isolated as the page is, it gets no shared memory.
    ran: /^Processor \(wasm, 1 thread\): this browser has no WebGPU$/,
  },
};
for (const [name, { isInstalled, install }] of Object.entries(BROWSERS)) {
  if (!isInstalled) console.warn(`Skipped: ${name}. To run it: ${install}`);
}

/** What was seen, by browser: its name for itself, heights in LPS mm. */
const seen: Record<string, Record<string, unknown>> = {};
let phantoms: Phantoms;

beforeAll(async () => {
  if (!Object.values(BROWSERS).some(({ isInstalled }) => isInstalled)) return;
  phantoms = await ensurePhantoms();
  screen = await Screen.start();
}, 300_000);

afterAll(async () => {
  await screen?.stop();
  await mkdir(path.dirname(REPORT), { recursive: true });
  await writeFile(REPORT, `${JSON.stringify(seen, null, 2)}\n`);
});

/** What a page has of what a viewer can use. */
const offered = (page: Page) =>
  page.evaluate(() => ({
    userAgent: navigator.userAgent,
    webgl2: document.createElement('canvas').getContext('webgl2') !== null,
    webgpu: 'gpu' in navigator,
    isolated: crossOriginIsolated,
    sharedMemory: typeof SharedArrayBuffer !== 'undefined',
    offscreenCanvas: typeof OffscreenCanvas !== 'undefined',
  }));

/** Origins that the page itself asked, other than its own. */
const askedElsewhere = (page: Page) =>
  page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name))
      .filter(({ protocol, origin }) => protocol.startsWith('http') && origin !== location.origin)
      .map(({ href }) => href),
  );

describe.each(Object.keys(BROWSERS))('%s', (name) => {
  const { isInstalled, open, ran } = BROWSERS[name];

  (isInstalled ? test : test.skip)(
    'finds L3; the line is dragged in the sagittal view, saved, and back after a reload',
    async () => {
      const storeDir = await mkdtemp(path.join(tmpdir(), 'find-l3-browsers-'));
      const viewer = await open({ folders: [phantoms.folder], storeDir });
      const { page } = viewer;
      try {
        const { abdomen } = phantoms;
        await openStudy(viewer, abdomen.studyInstanceUID, { timeout: 180_000 });
        await showMpr(page);
        await clickFindL3(page);
        expect(await searched(page)).toBe('found');
        const [mark, ...others] = await measurements(page);
        expect(others).toEqual([]);
        const found = mark.points![0];
        expect(Math.abs(found[2] - abdomen.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
        await page.waitForTimeout(DRAWN_AFTER_MS);
        await viewer.screenshot(`${name}-1-found`);
        const { text } = await ranOn(page);
        expect(text).toMatch(ran);

        await dragLine(page, found, DRAGGED_MM);
        const [dragged] = await marks(page);
        expect(Math.abs(dragged.zMm - found[2] - DRAGGED_MM)).toBeLessThan(2);
        await page.waitForTimeout(DRAWN_AFTER_MS);
        await viewer.screenshot(`${name}-2-dragged`);
        expect(await save(page)).toContain('saved to the PACS');
        expect(await askedElsewhere(page)).toEqual([]);

        const back = await reopened(viewer, abdomen);
        const { uid, label, moved } = dragged;
        expect(back).toMatchObject({ uid, label, moved });
        expect(back.zMm).toBeCloseTo(dragged.zMm, 2);
        expect(await askedElsewhere(page)).toEqual([]);
        expect(complaints(viewer.log)).toEqual([]);
        seen[name] = {
          ...(await offered(page)),
          ran: text,
          truthZMm: abdomen.truth.L3[2],
          foundZMm: found[2],
          draggedZMm: dragged.zMm,
          restoredZMm: back.zMm,
        };
        await showPanel(page);
        await page.waitForTimeout(DRAWN_AFTER_MS);
        await viewer.screenshot(`${name}-3-back`);
      } catch (error) {
        await viewer.screenshot(`${name}-failed`);
        console.log(viewer.log.slice(-40).join('\n'));
        throw error;
      } finally {
        await viewer.close();
        await rm(storeDir, { recursive: true, force: true });
      }
    },
    600_000,
  );
});
