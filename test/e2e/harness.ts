import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { browserPath, QUICK_WASM } from './browser';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/startServer';

export const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  // Without a GPU, text and boxes are drawn in less time by the processor than by a GPU made of it.
  '--disable-gpu-rasterization',
  QUICK_WASM,
];
export const SCREENSHOTS = path.resolve('test-output/screenshots');

/** What the viewer's page shares on `window`, as far as tests read the host's own state. */
export interface HostWindow {
  readonly services: {
    readonly viewportGridService: {
      getActiveViewportId(): string;
      getState(): { readonly viewports: ReadonlyMap<string, unknown> };
      setActiveViewportId(id: string): void;
      getDisplaySetsUIDsForViewport(id: string): readonly string[] | undefined;
    };
    readonly cornerstoneViewportService: {
      getCornerstoneViewport(id: string): HostViewport | null;
    };
    readonly measurementService: { getMeasurements(): readonly HostMeasurement[] };
    readonly panelService: { getPanels(position: string): readonly { readonly id: string }[] };
    readonly toolbarService: {
      readonly state: { readonly buttonSections: Readonly<Record<string, readonly string[]>> };
    };
    readonly displaySetService: {
      getActiveDisplaySets(): readonly {
        readonly displaySetInstanceUID: string;
        readonly SeriesInstanceUID: string;
        readonly Modality: string;
      }[];
    };
  };
  readonly commandsManager: { runCommand(name: string, options?: object): unknown };
  readonly cornerstone: {
    readonly metaData: { get(type: string, imageId: string): Record<string, unknown> | undefined };
  };
}

export interface HostViewport {
  readonly type: string;
  readonly element: HTMLElement;
  worldToCanvas(point: readonly number[]): [number, number];
  getCurrentImageId(): string | undefined;
  getSliceIndex(): number;
  getCamera(): {
    readonly focalPoint: readonly number[];
    readonly viewPlaneNormal: readonly number[];
  };
}

export interface HostMeasurement {
  readonly uid: string;
  readonly label?: string;
  readonly toolName?: string;
  readonly points?: readonly (readonly number[])[];
  readonly displaySetInstanceUID?: string;
}

export interface OpenViewer {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: RunningServer;
  /** Console lines, page errors and failed requests, in order. */
  readonly log: string[];
  /** Keeps a picture of the page under test-output/screenshots. */
  screenshot(name: string): Promise<string>;
  close(): Promise<void>;
}

export interface OpenOptions extends Pick<
  ServerOptions,
  'folders' | 'dicomweb' | 'nifti' | 'pluginDir' | 'viewerDir' | 'storeDir'
> {
  /** A software WebGPU adapter; without it the browser has none. */
  readonly webgpu?: boolean;
  /** Entries for `customizationService` of the app config. */
  readonly customizations?: Readonly<Record<string, unknown>>;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Starts another browser than Chromium. */
  readonly launch?: () => Promise<BrowserContext>;
  /** Called before the first page is opened, for example to route requests. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** Starts the project's server with the built plugin, and a browser that knows nothing yet. */
export async function openViewer(options: OpenOptions): Promise<OpenViewer> {
  const { webgpu = false, customizations, viewport, launch, prepare, ...served } = options;
  const server = await startServer({ port: 0, ...served });
  const profile = await mkdtemp(path.join(tmpdir(), 'find-l3-browser-'));
  const launchChromium = async () =>
    chromium.launchPersistentContext(profile, {
      executablePath: await browserPath(),
      headless: false,
      viewport: viewport ?? { width: 1600, height: 900 },
      args: webgpu ? [...FLAGS, '--enable-unsafe-webgpu'] : FLAGS,
    });
  const context = await (launch ?? launchChromium)();
  // A busy machine of two cores, not a page that hangs.
  context.setDefaultTimeout(60_000);
  if (customizations) await context.addInitScript(addCustomizations, customizations);
  await prepare?.(context);
  const log: string[] = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => log.push(`[${message.type()}] ${message.text()}`));
  page.on('pageerror', (error) => log.push(`[pageerror] ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) =>
    log.push(`[failed] ${request.url()} ${request.failure()?.errorText ?? ''}`),
  );
  page.on('response', (response) => {
    if (response.status() >= 400) log.push(`[${response.status()}] ${response.url()}`);
  });
  return {
    page,
    context,
    server,
    log,
    async screenshot(name) {
      await mkdir(SCREENSHOTS, { recursive: true });
      const file = path.join(SCREENSHOTS, `${name}.png`);
      await page.screenshot({ path: file, timeout: 120_000 });
      return file;
    },
    async close() {
      await context.close();
      await context.browser()?.close();
      await server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** In the page: adds to what its app-config.js will set. A route to that file would take every request out of the browser. */
function addCustomizations(customizations: Readonly<Record<string, unknown>>): void {
  let config: { readonly customizationService: object } | undefined;
  Object.defineProperty(window, 'config', {
    configurable: true,
    get: () => config,
    set: (given: { readonly customizationService: object }) => {
      Object.assign(given.customizationService, customizations);
      config = given;
    },
  });
}

/** Opens a study in a mode of the viewer and waits for its first image. */
export async function openStudy(
  { page, server }: OpenViewer,
  studyInstanceUID: string,
  { mode = 'viewer', timeout = 90_000 } = {},
): Promise<void> {
  await page.goto(`${server.url}/${mode}?StudyInstanceUIDs=${studyInstanceUID}`);
  await waitForImage(page, timeout);
}

/** Waits until the active viewport shows an image. */
export async function waitForImage(page: Page, timeout = 90_000): Promise<void> {
  await page.waitForFunction(
    () => {
      try {
        const { services } = window as unknown as HostWindow;
        const id = services.viewportGridService.getActiveViewportId();
        const viewport = services.cornerstoneViewportService.getCornerstoneViewport(id);
        return Boolean(viewport?.getCurrentImageId());
      } catch {
        // The host is still setting up.
        return false;
      }
    },
    undefined,
    { timeout },
  );
}

/** What a viewport of the host shows, read from the host. */
export interface ShownImage {
  readonly viewportId: string;
  readonly type: string;
  readonly sopInstanceUID: string | null;
  /** LPS mm */
  readonly focalPoint: readonly number[];
  readonly viewPlaneNormal: readonly number[];
}

/** What every viewport of the grid shows now. */
export async function shownImages(page: Page): Promise<readonly ShownImage[]> {
  return page.evaluate(() => {
    const { services, cornerstone } = window as unknown as HostWindow;
    const { viewportGridService, cornerstoneViewportService } = services;
    return [...viewportGridService.getState().viewports.keys()].flatMap((viewportId) => {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(viewportId);
      if (!viewport) return [];
      const imageId = viewport.getCurrentImageId();
      const instance = imageId ? cornerstone.metaData.get('instance', imageId) : undefined;
      const { focalPoint, viewPlaneNormal } = viewport.getCamera();
      return [
        {
          viewportId,
          type: viewport.type,
          sopInstanceUID: (instance?.SOPInstanceUID as string | undefined) ?? null,
          focalPoint: [...focalPoint],
          viewPlaneNormal: [...viewPlaneNormal],
        },
      ];
    });
  });
}

/** The host's measurements. */
export async function measurements(page: Page): Promise<readonly HostMeasurement[]> {
  return page.evaluate(() => {
    const { services } = window as unknown as HostWindow;
    return services.measurementService
      .getMeasurements()
      .map(({ uid, label, toolName, points, displaySetInstanceUID }) => ({
        uid,
        label,
        toolName,
        points: points?.map((point) => [...point]),
        displaySetInstanceUID,
      }));
  });
}

/** Waits for the end of a search and gives its state: 'found', 'undetermined', 'refused', 'failed' or 'idle'. */
export async function outcome(page: Page, timeout = 120_000): Promise<string> {
  const element = page.locator('[data-cy=find-l3-outcome]');
  await element.waitFor({ state: 'attached', timeout });
  await page.waitForFunction(
    () =>
      document.querySelector('[data-cy=find-l3-outcome]')?.getAttribute('data-phase') !== 'running',
    undefined,
    { timeout },
  );
  const status = await element.getAttribute('data-status');
  return status ?? (await element.getAttribute('data-phase')) ?? 'none';
}
