import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { measurements, openStudy, openViewer, outcome, type OpenViewer } from './harness';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  positionsIn,
  searched,
  shownInstance,
  shownZ,
  showSeries,
  TOLERANCE_MM,
} from './search';

/** Half the height of the band of slices that can be held back, mm. */
const BAND_MM = 30;

/** A gate in front of requests. */
class Gate {
  private isOpen = true;
  private waiting: (() => void)[] = [];

  close(): void {
    this.isOpen = false;
  }

  release(): void {
    this.isOpen = true;
    for (const go of this.waiting.splice(0)) go();
  }

  get held(): number {
    return this.waiting.length;
  }

  async pass(): Promise<void> {
    if (!this.isOpen) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Waits until a request stands before the gate. */
  async isMet(): Promise<void> {
    const latest = Date.now() + 60_000;
    while (this.held === 0) {
      if (Date.now() > latest) throw new Error('No request came to the gate');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** In front of the slices about T12, which no order of reading comes to first. */
const slices = new Gate();
const model = new Gate();
let modelIsDamaged = false;
/** What the PACS gives in place of the slices about T12. */
let inPlaceOfSlices: { status: number; contentType: string; body: string } | null = null;
let framesAsked = 0;
let phantoms: Phantoms;
let positions: ReadonlyMap<string, readonly number[]>;
let viewer: OpenViewer;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  positions = await positionsIn(phantoms.folder);
  viewer = await openViewer({
    folders: [phantoms.folder],
    prepare: async (context) => {
      await context.route('**/frames/*', async (route, request) => {
        const [, uid] = /instances\/([\d.]+)\/frames/.exec(request.url()) ?? [];
        const z = positions.get(uid)?.[2] ?? Infinity;
        framesAsked += 1;
        if (Math.abs(z - phantoms.abdomen.truth.T12[2]) < BAND_MM) {
          await slices.pass();
          if (inPlaceOfSlices) return route.fulfill(inPlaceOfSlices);
        }
        await route.continue().catch(() => undefined); // the page may have gone on
      });
      await context.route('**/model.onnx*', async (route) => {
        await model.pass();
        if (!modelIsDamaged) return route.continue();
        const response = await route.fetch();
        const body = await response.body();
        body[body.length >> 1] ^= 1;
        return route.fulfill({ response, body });
      });
    },
  });
}, 300_000);

afterEach(() => {
  slices.release();
  model.release();
});

afterAll(() => viewer?.close());

async function phaseOf(page: Page): Promise<string | null> {
  return page.locator('[data-cy=find-l3-outcome]').getAttribute('data-phase');
}

/** The stages that the panel names from now on. */
async function watchStages(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const stages: string[] = [];
    Object.assign(window, { stages });
    const stage = document.querySelector('[data-cy=find-l3-stage]')!;
    new MutationObserver(() => stages.push(stage.textContent ?? '')).observe(stage, {
      characterData: true,
      childList: true,
      subtree: true,
    });
  });
  return () => page.evaluate(() => (window as unknown as { stages: string[] }).stages);
}

async function expectLandsOnL3(page: Page): Promise<void> {
  expect(await searched(page)).toBe('found');
  const z = await shownZ(page, positions);
  expect(Math.abs(z - phantoms.abdomen.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
  expect((await measurements(page)).map(({ label }) => label)).toEqual(['L3']);
}

describe('a search that is cancelled', () => {
  test('while it reads slices: back to idle at once, nothing jumps, is marked or goes on', async () => {
    const { page } = viewer;
    await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
    slices.close();
    await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
    const before = await shownInstance(page);
    await clickFindL3(page);
    await slices.isMet();
    await page.waitForFunction(
      () =>
        /Reading slices [1-9]\d*\/167/.test(
          document.querySelector('[data-cy=find-l3-stage]')?.textContent ?? '',
        ),
      undefined,
      { timeout: 60_000 },
    );
    expect(await page.locator('[data-cy=FindL3-btn]').isEnabled()).toBe(false);
    await viewer.screenshot('cancel-1-reading');
    await page.locator('[data-cy=find-l3-cancel]').click();
    // Slices are still held back: cancelling waits for none of them.
    expect(await outcome(page, 10_000)).toBe('idle');
    expect(await page.locator('[data-cy=find-l3-stage]').innerText()).toContain('cancelled');
    await viewer.screenshot('cancel-2-cancelled');

    const stages = await watchStages(page);
    slices.release();
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(2000);
    expect(await stages()).toEqual([]);
    expect(await phaseOf(page)).toBe('idle');
    expect(await shownInstance(page)).toBe(before);
    expect(await measurements(page)).toEqual([]);
    expect(await page.locator('[data-cy=FindL3-btn]').isEnabled()).toBe(true);
  }, 180_000);

  test('and started again: finds L3', async () => {
    await clickFindL3(viewer.page);
    await expectLandsOnL3(viewer.page);
    expect(complaints(viewer.log)).toEqual([]);
  }, 90_000);

  test('while it waits for the model: back to idle at once', async () => {
    const { page } = viewer;
    await openStudy(viewer, phantoms.feetFirst.studyInstanceUID);
    const before = await shownInstance(page);
    model.close();
    await clickFindL3(page);
    await model.isMet();
    await page.locator('[data-cy=find-l3-cancel]').click();
    expect(await outcome(page, 10_000)).toBe('idle');
    expect(model.held).toBeGreaterThan(0);
    model.release();
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(2000);
    expect(await phaseOf(page)).toBe('idle');
    expect(await shownInstance(page)).toBe(before);
    expect(await measurements(page)).toEqual([]);
  }, 120_000);
});

describe('a model file that was damaged on its way', () => {
  test('is not used: the panel says what is wrong and what to do; no jump, no mark', async () => {
    const { page } = viewer;
    modelIsDamaged = true;
    await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
    await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
    const before = await shownInstance(page);
    await clickFindL3(page);
    expect(await outcome(page)).toBe('failed');
    await viewer.screenshot('model-damaged');
    const problem = await page.locator('[data-cy=find-l3-problem]').innerText();
    expect(problem).toMatch(/model\.onnx has the SHA-256 \w{64}, its manifest expects \w{64}/);
    expect(problem).toContain('copy the model package again, complete and unchanged');
    expect(await shownInstance(page)).toBe(before);
    expect(await measurements(page)).toEqual([]);
  }, 120_000);

  test('is loaded anew by "Try again": once it is whole, L3 is found', async () => {
    modelIsDamaged = false;
    await viewer.page.locator('[data-cy=find-l3-retry]').click();
    await expectLandsOnL3(viewer.page);
    expect(complaints(viewer.log)).toEqual([]);
  }, 90_000);
});

describe('a session that ends while slices are read', () => {
  const problem = () => viewer.page.locator('[data-cy=find-l3-problem]').innerText();
  const again = async () => {
    await viewer.page.locator('[data-cy=find-l3-retry]').click();
    return outcome(viewer.page);
  };

  /** Waits for what was asked before the login, and is answered as then. */
  const noMoreIsAsked = async () => {
    for (let asked = -1; asked !== framesAsked;) {
      asked = framesAsked;
      await viewer.page.waitForTimeout(1000);
    }
  };
  const says = async () => {
    expect(await problem()).toMatch(
      /Slice \d+ of 167 \(SOP Instance UID [\d.]+\).*Your session may have ended/,
    );
    expect(await measurements(viewer.page)).toEqual([]);
  };

  test('a login page in place of pixels: the panel names the slice and says so', async () => {
    const { page } = viewer;
    inPlaceOfSlices = { status: 200, contentType: 'text/html', body: '<html>Log in</html>' };
    await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
    await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
    await clickFindL3(page);
    expect(await outcome(page)).toBe('failed');
    await says();
    await viewer.screenshot('session-200');
    expect(await again()).toBe('failed');
    await says();
  }, 120_000);

  test('401 in place of pixels: the same', async () => {
    inPlaceOfSlices = { status: 401, contentType: 'text/plain', body: 'token expired' };
    expect(await again()).toBe('failed');
    await says();
    await viewer.screenshot('session-401');
  }, 120_000);

  test('after a login, "Try again" reads the rest and finds L3', async () => {
    inPlaceOfSlices = null;
    await noMoreIsAsked();
    framesAsked = 0;
    expect(await again()).toBe('found');
    expect(framesAsked).toBeGreaterThan(0);
    expect(framesAsked).toBeLessThan(167);
    await expectLandsOnL3(viewer.page);
  }, 120_000);
});
