import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { measurements, openViewer, waitForImage, type OpenViewer } from './harness';
import { ensurePhantoms, type Phantoms } from './phantoms/phantoms';
import { clickFindL3, complaints, searched } from './search';

/**
 * What a mode with the extension has more of. How many of the host's own components listen to
 * cornerstoneViewportService changes from one entry to the next, so that is compared after leaving.
 */
const SUBSCRIPTIONS = {
  displaySetService: 3,
  measurementService: 2,
  panelService: 1,
  toolbarService: 1,
  viewportGridService: 19,
};

let phantoms: Phantoms;
let viewer: OpenViewer;
let isInstalled: boolean;

beforeAll(async () => {
  phantoms = await ensurePhantoms();
  viewer = await openViewer({
    folders: [phantoms.folder],
    prepare: async (context) => {
      await context.route('**/app-config.js', async (route) => {
        const response = await route.fetch();
        const body = await response.text();
        const without = `${body}\nwindow.config.extensions = [];`;
        await route.fulfill({ response, body: isInstalled ? body : without });
      });
    },
  });
}, 300_000);

afterAll(() => viewer?.close());

interface HostState {
  /** Subscriptions to the host's services, by service. */
  readonly listeners: Readonly<Record<string, number>>;
  readonly rightPanels: readonly string[];
  readonly toolbar: Readonly<Record<string, readonly string[]>>;
  readonly buttons: readonly string[];
  readonly measurements: number;
}

/** What the host's services hold now. */
async function hostState(page: Page): Promise<HostState> {
  return page.evaluate(() => {
    interface Service {
      readonly listeners?: Readonly<Record<string, readonly unknown[]>>;
    }
    const { services } = window as unknown as {
      services: Readonly<Record<string, Service>> & {
        panelService: { getPanels(position: string): readonly { id: string }[] };
        toolbarService: {
          state: {
            buttons: Readonly<Record<string, unknown>>;
            buttonSections: Readonly<Record<string, readonly string[]>>;
          };
        };
        measurementService: { getMeasurements(): readonly unknown[] };
      };
    };
    const listeners: Record<string, number> = {};
    for (const name of [
      'cornerstoneViewportService',
      'customizationService',
      'displaySetService',
      'measurementService',
      'panelService',
      'toolbarService',
      'viewportGridService',
    ]) {
      const lists = Object.values(services[name].listeners ?? {});
      listeners[name] = lists.reduce((sum, list) => sum + list.length, 0);
    }
    return {
      listeners,
      rightPanels: services.panelService.getPanels('right').map(({ id }) => id),
      toolbar: structuredClone(services.toolbarService.state.buttonSections),
      buttons: Object.keys(services.toolbarService.state.buttons),
      measurements: services.measurementService.getMeasurements().length,
    };
  });
}

async function openFromWorklist(page: Page): Promise<void> {
  await page.getByText('PHANTOM, FEET FIRST').dblclick();
  await page.waitForURL('**/viewer?**');
  await waitForImage(page);
  await settled(page);
}

async function leave(page: Page): Promise<void> {
  await page.locator('[data-cy=return-to-work-list]').click();
  await page.getByText('PHANTOM, FEET FIRST').waitFor();
  await settled(page);
}

/** Waits until the host subscribes to nothing more. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  let last = '';
  for (let same = 0; same < 4;) {
    await page.waitForTimeout(500);
    const now = JSON.stringify(await hostState(page));
    same = now === last ? same + 1 : 0;
    last = now;
  }
}

/** The host's state in the mode, back on the worklist, and in the mode for the second time. */
async function visitTwice(page: Page, inMode: () => Promise<void>): Promise<HostState[]> {
  await page.goto(viewer.server.url);
  await openFromWorklist(page);
  const first = await hostState(page);
  await inMode();
  await leave(page);
  const left = await hostState(page);
  await openFromWorklist(page);
  return [first, left, await hostState(page)];
}

describe('entering and leaving a mode, against the stock viewer without the extension', () => {
  let stock: HostState[];
  let withL3: HostState[];
  /** What the extension adds to the host at a stage of the visit. */
  const added = (stage: number) => {
    const [without, having] = [stock[stage], withL3[stage]];
    const listeners = Object.fromEntries(
      Object.keys(having.listeners).map((name) => [
        name,
        having.listeners[name] - without.listeners[name],
      ]),
    );
    return {
      listeners,
      panels: having.rightPanels.filter((id) => !without.rightPanels.includes(id)),
      buttons: having.buttons.filter((id) => !without.buttons.includes(id)),
      sections: Object.entries(having.toolbar).flatMap(([section, ids]) =>
        ids.filter((id) => !without.toolbar[section]?.includes(id)).map((id) => [section, id]),
      ),
    };
  };

  beforeAll(async () => {
    const { page } = viewer;
    isInstalled = false;
    stock = await visitTwice(page, async () => undefined);
    isInstalled = true;
    viewer.log.length = 0;
    withL3 = await visitTwice(page, async () => {
      await clickFindL3(page);
      expect(await searched(page)).toBe('found');
    });
    await viewer.screenshot('lifecycle-entered-again');
  }, 300_000);

  test('the extension adds one button, one panel and its subscriptions', () => {
    expect(added(0)).toMatchObject({
      panels: ['ohif-extension-find-l3.panelModule.findL3'],
      buttons: ['FindL3'],
      sections: [['primary', 'FindL3']],
      listeners: SUBSCRIPTIONS,
    });
  });

  test('leaving after a search leaves nothing of it', () => {
    expect(added(1)).toMatchObject({ panels: [], buttons: [], sections: [] });
    expect(new Set(Object.values(added(1).listeners))).toEqual(new Set([0]));
    expect(withL3[1].measurements).toBe(0);
  });

  test('entering again adds as much as the first time', () => {
    const { panels, buttons, sections } = added(0);
    expect(added(2)).toMatchObject({ panels, buttons, sections, listeners: SUBSCRIPTIONS });
    expect(
      withL3[2].rightPanels.filter((id) => id.startsWith('ohif-extension-find-l3')),
    ).toHaveLength(1);
  });

  test('nothing is left of the worker either, and the panel starts anew', async () => {
    const ours = viewer.page.workers().filter((worker) => worker.url().includes('/find-l3/'));
    expect(ours).toEqual([]);
    expect(await measurements(viewer.page)).toEqual([]);
    await viewer.page.locator('[data-cy=findL3-btn]').click();
    const outcome = viewer.page.locator('[data-cy=find-l3-outcome]');
    await outcome.waitFor();
    expect(await outcome.getAttribute('data-phase')).toBe('idle');
    expect(complaints(viewer.log)).toEqual([]);
  }, 60_000);
});
