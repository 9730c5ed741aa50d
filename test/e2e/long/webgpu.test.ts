import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStudy, openViewer, type OpenViewer } from '../harness';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import {
  clickFindL3,
  complaints,
  panelZ,
  positionsIn,
  ranOn,
  searched,
  shownZ,
  showSeries,
  TOLERANCE_MM,
} from '../search';

let phantoms: Phantoms;
let positions: ReadonlyMap<string, readonly number[]>;
let viewer: OpenViewer;
/** What the page's app config asks for, from its next load on. */
let runtime: 'auto' | 'wasm' = 'auto';

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  positions = await positionsIn(phantoms.folder);
  viewer = await openViewer({
    folders: [phantoms.folder],
    webgpu: true,
    prepare: async (context) => {
      await context.route('**/app-config.js', async (route) => {
        const response = await route.fetch();
        const extra = JSON.stringify({ 'findL3.verbose': true, 'findL3.runtime': runtime });
        await route.fulfill({
          response,
          body: `${await response.text()}\nObject.assign(window.config.customizationService, ${extra});`,
        });
      });
    },
  });
}, 300_000);

afterAll(() => viewer?.close());

interface Run {
  readonly zMm: number;
  readonly probability: string | undefined;
  readonly runtime: string | null;
  readonly runtimeText: string;
}

async function run(): Promise<Run> {
  const { page } = viewer;
  viewer.log.length = 0;
  await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
  await showSeries(page, phantoms.abdomen.axialSeriesInstanceUID);
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  const z = await shownZ(page, positions);
  expect(Math.abs(z - phantoms.abdomen.truth.L3[2])).toBeLessThanOrEqual(TOLERANCE_MM);
  const ran = await ranOn(page);
  const panel = await page.locator('[data-cy=find-l3-found]').innerText();
  return {
    zMm: await panelZ(page),
    probability: /\(([^)]*%)\)/.exec(panel)?.[1],
    runtime: ran.runtime,
    runtimeText: ran.text,
  };
}

/** Which runtime got the network's nodes, session by session, from the runtime's own log. */
function placements(log: readonly string[]): string[] {
  return log.flatMap((line) => {
    const match = /(?:All nodes placed on|nodes? placed on) \[(\w+)\]/i.exec(line);
    return match ? [`${line.includes('All nodes') ? 'all' : 'some'} on ${match[1]}`] : [];
  });
}

describe('the shipped model on WebGPU (in software)', () => {
  let onGpu: Run;

  test('finds L3 with every node on the GPU, as the runtime’s own log says', async () => {
    onGpu = await run();
    await viewer.screenshot('webgpu-found');
    expect(placements(viewer.log)).toEqual(['all on WebGpuExecutionProvider']);
    expect(onGpu.runtime).toBe('webgpu');
    expect(onGpu.runtimeText).toBe('Graphics card (WebGPU)');
    expect(complaints(viewer.log)).toEqual([]);
  }, 240_000);

  test('gives the answer that wasm gives, within 0.1 mm', async () => {
    runtime = 'wasm';
    const onWasm = await run();
    expect(placements(viewer.log)).not.toContain('all on WebGpuExecutionProvider');
    expect(onWasm.runtime).toBe('wasm');
    expect(onWasm.runtimeText).toContain('wasm was asked for');
    expect(Math.abs(onWasm.zMm - onGpu.zMm)).toBeLessThan(0.1);
    expect(onWasm.probability).toBe(onGpu.probability);
  }, 180_000);
});
