import { execFileSync } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import MODELS from '../../../models/index.json';
import VIEWER from '../../../scripts/viewer.json';
import { RELEASE } from '../../../src/release/release';
import { makeDemo } from '../../../src/server/demo/main';
import { browserPath } from '../browser';
import {
  FLAGS,
  SCREENSHOTS,
  measurements,
  openStudy,
  waitForImage,
  type OpenViewer,
} from '../harness';
import { hydrate, save } from '../keeping';
import { INSTALL_ORTHANC, Orthanc, orthancIsInstalled } from '../orthanc';
import { ensurePhantoms, type Phantoms } from '../phantoms/phantoms';
import { clickFindL3, complaints, searched, watchForeignRequests } from '../search';
import { changed, INSTALL_NGINX, Nginx, nginxIsInstalled } from './nginx';
import { Packed } from './packed';

const VIEWER_DIR = path.resolve('.cache/ohif', VIEWER.version, 'dist');
const BUILT = path.resolve('dist/find-l3', RELEASE.version);
const NEXT = '99.0.0';
const NEXT_RUNTIME = 'runtime-00000099';
const CONFIG_LINE = `extensions: ['/plugins/find-l3/${RELEASE.version}/index.js'],`;
/** OHIF does not start without the list itself. */
const NO_EXTENSIONS = 'extensions: [],';

/** A browser that knows nothing yet, on one page, with what it asked for. */
interface Visit {
  readonly page: Page;
  readonly log: string[];
  readonly asked: string[];
  readonly foreign: readonly string[];
  open(): Promise<void>;
  close(): Promise<void>;
}

let phantoms: Phantoms;
let folder: string;
let orthanc: Orthanc;
/** What is installed, updated, checked and removed comes out of the package. */
let packed: Packed;
const shipped = (name: string) => path.join(packed.root, 'deploy', name);
const extension = () => path.join(packed.root, 'dist', 'find-l3', RELEASE.version);
const canRun = nginxIsInstalled() && orthancIsInstalled();
if (!canRun) console.warn(`Skipped: deploy. To run it: ${INSTALL_NGINX}; ${INSTALL_ORTHANC}`);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'find-l3-deploy-'));
  if (!canRun) return;
  phantoms = await ensurePhantoms();
  packed = await Packed.install(path.join(folder, 'packed'));
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function fill(): Promise<void> {
  const axial = path.join(phantoms.folder, 'worklist', 'abdomen', 'axial');
  const files = (await readdir(axial)).filter((name) => name.endsWith('.dcm'));
  await orthanc.upload(files.map((name) => path.join(axial, name)));
}

/** @param base address of the viewer's folder, without a slash at the end */
async function visit(base: string): Promise<Visit> {
  const profile = await mkdtemp(path.join(folder, 'profile-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: await browserPath(),
    headless: false,
    ignoreHTTPSErrors: true,
    viewport: { width: 1600, height: 900 },
    args: FLAGS,
  });
  const server = { url: new URL(base).origin };
  const foreign = watchForeignRequests({ context, server } as OpenViewer);
  const asked: string[] = [];
  context.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const log: string[] = [];
  const page = context.pages()[0] ?? (await context.newPage());
  page.on('console', (message) => log.push(`[${message.type()}] ${message.text()}`));
  page.on('pageerror', (error) => log.push(`[pageerror] ${error.message}`));
  return {
    ...{ page, log, asked, foreign },
    async open() {
      const viewer = { page, server: { url: base } } as OpenViewer;
      await openStudy(viewer, phantoms.abdomen.studyInstanceUID);
      // The host's own notice that it is for investigational use lies over the panel's foot.
      const notice = page.locator('[data-cy=confirm-and-hide-button]');
      if (await notice.isVisible()) await notice.click();
    },
    close: () => context.close(),
  };
}

/** Finds L3 and expects nothing that a policy refused, nothing from elsewhere. */
async function findsL3({ page, log, foreign }: Visit): Promise<void> {
  await clickFindL3(page);
  expect(await searched(page)).toBe('found');
  expect(complaints(log)).toEqual([]);
  expect(foreign).toEqual([]);
}

/** Opens a study with a saved level in a viewer from which the extension is gone. */
async function expectRemoved(base: string): Promise<void> {
  const visitor = await visit(base);
  const { page } = visitor;
  try {
    await visitor.open();
    expect(await page.locator('[data-cy=FindL3-btn]').count()).toBe(0);
    await hydrate(page);
    const [saved, ...others] = await measurements(page);
    expect([saved.toolName, others]).toEqual(['Probe', []]);
    await page.screenshot({ path: path.join(SCREENSHOTS, 'deploy-removed.png') });
    expect(visitor.asked.filter((at) => at.includes('/plugins/'))).toEqual([]);
    expect(complaints(visitor.log)).toEqual([]);
    expect(visitor.foreign).toEqual([]);
  } finally {
    await visitor.close();
  }
}

/** The version whose worker a page asked for since it was last told to forget. */
const workersOf = ({ asked }: Visit) =>
  [...new Set(asked.filter((at) => at.endsWith('/worker.js')))].map((at) => at.split('/').at(-3));

/** What `find-l3 check --store` says of a deployment that is not `ok`, by id. */
async function checked(url: string, environment: Readonly<Record<string, string>> = {}) {
  const said = await packed.findL3(['check', url, '--json', '--store'], environment);
  const { checks } = JSON.parse(said) as { checks: { id: string; status: string }[] };
  expect(checks.length).toBeGreaterThan(8);
  // Debian's Orthanc stores, gives back and deletes nothing over DICOMweb.
  expect(checks.filter(({ id }) => ['store', 'read-back'].includes(id))).toMatchObject([
    { status: 'ok' },
    { status: 'ok' },
  ]);
  return Object.fromEntries(
    checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]),
  );
}

const inPage = (page: Page) =>
  page.evaluate(() => ({ secure: isSecureContext, isolated: crossOriginIsolated }));

/** Another version of the extension: the same, under other names. */
async function makeNext(into: string): Promise<void> {
  await cp(extension(), into, { recursive: true });
  const runtime = (await readdir(into)).find((name) => name.startsWith('runtime-'))!;
  await rename(path.join(into, runtime), path.join(into, NEXT_RUNTIME));
  const index = path.join(into, 'index.js');
  const text = await readFile(index, 'utf8');
  await writeFile(index, text.replaceAll(runtime, NEXT_RUNTIME));
}

const ifThere = canRun ? describe : describe.skip;

ifThere('nginx with the shipped files', () => {
  let root: string;
  let nginx: Nginx;
  const plugins = () => path.join(root, 'plugins', 'find-l3');
  const environment = () => ({ NODE_EXTRA_CA_CERTS: nginx.certificate });
  /** @param version empty: removed */
  const configure = async (version: string) =>
    writeFile(
      path.join(root, 'app-config.js'),
      changed(await readFile(shipped('app-config.js'), 'utf8'), {
        [CONFIG_LINE]: version ? CONFIG_LINE.replace(RELEASE.version, version) : NO_EXTENSIONS,
      }),
    );

  beforeAll(async () => {
    orthanc = await Orthanc.start();
    await fill();
    root = path.join(folder, 'site');
    await mkdir(root);
    for (const name of await readdir(VIEWER_DIR)) {
      if (name !== 'app-config.js')
        await symlink(path.join(VIEWER_DIR, name), path.join(root, name));
    }
    await cp(path.dirname(extension()), plugins(), { recursive: true });
    await configure(RELEASE.version);
    nginx = await Nginx.start(shipped('nginx'), root, new URL(orthanc.origin).host);
  }, 300_000);

  afterAll(async () => {
    await nginx?.stop();
    await orthanc?.stop();
  });

  test('find-l3 check has nothing to say against it', async () => {
    expect(await checked(nginx.origin, environment())).toEqual({ 'clean-up': 'warning' });
  }, 120_000);

  test('installed: finds L3 on several threads and saves', async () => {
    const visitor = await visit(nginx.origin);
    try {
      await visitor.open();
      await findsL3(visitor);
      expect(await inPage(visitor.page)).toEqual({ secure: true, isolated: true });
      expect(await save(visitor.page)).toContain('saved to the PACS');
    } finally {
      await visitor.close();
    }
  }, 240_000);

  test('updated and rolled back by one line, with pages open all the while', async () => {
    const open = await visit(nginx.origin);
    const other = await visit(nginx.origin);
    try {
      await open.open();
      await makeNext(path.join(plugins(), NEXT));
      await configure(NEXT);
      // The page of before the update searches with what it was loaded with.
      await findsL3(open);
      expect(workersOf(open)).toEqual([RELEASE.version]);
      await other.open();
      await findsL3(other);
      expect(workersOf(other)).toEqual([NEXT]);

      await configure(RELEASE.version);
      other.asked.length = 0;
      await other.open();
      await findsL3(other);
      expect(workersOf(other)).toEqual([RELEASE.version]);

      // The old folder goes away under a page that has not searched yet.
      await open.open();
      await configure(NEXT);
      const old = path.join(plugins(), RELEASE.version);
      await rename(old, `${old}.away`);
      await clickFindL3(open.page);
      expect(await searched(open.page)).toBe('failed');
      const said = await open.page.locator('[data-cy=find-l3-outcome]').textContent();
      expect(said).toContain('Find L3 was updated on the server since this page was opened.');
      expect(said).toContain('reload this page');
      await open.open();
      await findsL3(open);

      // Another model, with no other change: the next page has it.
      const model = path.join(plugins(), NEXT, 'models', MODELS.default, 'manifest.json');
      const manifest = JSON.parse(await readFile(model, 'utf8')) as object;
      await writeFile(model, JSON.stringify({ ...manifest, version: '9.9.9' }));
      await open.open();
      await findsL3(open);
      // What ran: the mark is the one that was saved before, which no search moves.
      await open.page.locator('[data-cy=find-l3-model-card]').click();
      expect(await open.page.locator('[data-cy=find-l3-model]').textContent()).toMatch(/ 9\.9\.9$/);
      await rename(`${old}.away`, old);
      await configure(RELEASE.version);
    } finally {
      await open.close();
      await other.close();
    }
  }, 480_000);

  test('removed: the viewer opens without it and asks for nothing of it', async () => {
    await configure('');
    await rm(plugins(), { recursive: true });
    await expectRemoved(nginx.origin);
    const said = await checked(nginx.origin, environment());
    expect(said).toEqual({ version: 'failed', 'clean-up': 'warning' });
  }, 240_000);
});

ifThere('Orthanc alone, as Debian configures it', () => {
  let served: string;
  beforeAll(async () => {
    served = path.join(folder, 'orthanc');
    execFileSync(process.execPath, [
      shipped('orthanc/prepare.mjs'),
      VIEWER_DIR,
      extension(),
      served,
    ]);
    const text = await readFile(shipped('orthanc/serve-folders.json'), 'utf8');
    orthanc = await Orthanc.startPackaged({
      'serve-folders.json': changed(text, { '"/srv/find-l3" }': `${JSON.stringify(served)} }` }),
    });
    await fill();
  }, 300_000);

  afterAll(() => orthanc?.stop());

  test('find-l3 check says what Orthanc cannot send', async () => {
    const said = await checked(`${orthanc.origin}/ohif/index.html`);
    expect(said).toEqual({
      ...{ 'caching-runtime': 'warning', threads: 'warning', csp: 'warning' },
      'clean-up': 'warning',
    });
  }, 120_000);

  test('finds L3 on one thread, from the worklist’s address too', async () => {
    const visitor = await visit(`${orthanc.origin}/ohif`);
    try {
      await visitor.open();
      await findsL3(visitor);
      expect(await inPage(visitor.page)).toMatchObject({ isolated: false });
      expect(await save(visitor.page)).toContain('saved to the PACS');
      await visitor.page.goto(`${orthanc.origin}/ohif/index.html`);
      await visitor.page
        .getByText(/Study List/i)
        .first()
        .waitFor({ timeout: 60_000 });
      expect(new URL(visitor.page.url()).pathname).toBe('/ohif/');
    } finally {
      await visitor.close();
    }
  }, 300_000);

  test('removed: the viewer opens without it and asks for nothing of it', async () => {
    const config = path.join(served, 'app-config.js');
    const line = CONFIG_LINE.replace("'/plugins", "'/ohif/plugins");
    await writeFile(config, changed(await readFile(config, 'utf8'), { [line]: NO_EXTENSIONS }));
    await rm(path.join(served, 'plugins', 'find-l3'), { recursive: true });
    await expectRemoved(`${orthanc.origin}/ohif`);
  }, 240_000);
});

describe('a demonstration in a folder', () => {
  test('any static server shows it: from its page to L3, nothing asked elsewhere', async () => {
    const site = path.join(folder, 'demo');
    const shown = path.join((await ensurePhantoms()).folder, 'worklist');
    await makeDemo(site, { viewer: VIEWER_DIR, plugin: BUILT, phantoms: shown });
    await expect(
      makeDemo(site, { viewer: VIEWER_DIR, plugin: BUILT, phantoms: shown }),
    ).rejects.toThrow('not empty');
    const server = Fastify();
    await server.register(fastifyStatic, { root: site });
    const url = await server.listen({ port: 0, host: '127.0.0.1' });
    const visitor = await visit(url);
    try {
      await visitor.page.goto(url);
      await visitor.page.getByRole('link', { name: /standing straight/ }).click();
      await waitForImage(visitor.page);
      await findsL3(visitor);
    } finally {
      await visitor.close();
      await server.close();
    }
  }, 300_000);
});
