/** @jest-environment jsdom */
// The UMD build, loaded as OHIF 3.14 loads runtime plugins: by a loader written from OHIF's published
// rules (descriptor, version range before any request, global, integrity, record of attempts), into
// OHIF's real managers. No build of 3.14 with its own loader is on npm yet.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import PACKAGE from '../../package.json';
import { FakeHost } from '../component/host';

jest.mock('@cornerstonejs/core', () => jest.requireActual('../component/cornerstoneStub.cjs'));
jest.mock('@cornerstonejs/metadata', () => jest.requireActual('../component/cornerstoneStub.cjs'), {
  virtual: true,
});

const { satisfies } = jest.requireActual<{ satisfies(version: string, range: string): boolean }>(
  'semver',
);
const FILE = join('dist', 'find-l3', PACKAGE.version, 'index.umd.js');
const SOURCE = readFileSync(FILE, 'utf8');
const DESCRIPTOR = {
  packageName: PACKAGE.name,
  importPath: `/plugins/find-l3/${PACKAGE.version}/index.umd.js`,
  globalName: PACKAGE.name,
  coreVersionRange: '>=3.14.0-beta.6 <3.15.0-0',
};
type Descriptor = typeof DESCRIPTOR & { readonly integrity?: string };
type Extension = { readonly id: string } & Readonly<Record<string, unknown>>;

const shared = window as unknown as Record<string, unknown>;

/** The loader by OHIF's rules: refuses before it asks, and records every attempt. */
class Loader {
  readonly record: { readonly packageName: string; readonly outcome: string }[] = [];
  readonly requests: string[] = [];

  constructor(private readonly coreVersion: string) {}

  load(descriptor: Descriptor): Extension {
    try {
      const extension = this.loadOrThrow(descriptor);
      this.record.push({ packageName: descriptor.packageName, outcome: 'loaded' });
      return extension;
    } catch (error) {
      const outcome = (error as Error).message;
      this.record.push({ packageName: descriptor.packageName, outcome });
      throw error;
    }
  }

  private loadOrThrow(descriptor: Descriptor): Extension {
    const { packageName, importPath, globalName, coreVersionRange, integrity } = descriptor;
    if (!satisfies(this.coreVersion, coreVersionRange)) throw new Error('version');
    const url = new URL(importPath, document.baseURI);
    if (url.origin !== location.origin && !integrity) throw new Error('integrity');
    this.requests.push(url.href);
    this.runScript(url.href);
    const extension = shared[globalName] as Extension | undefined;
    if (extension?.id !== packageName) throw new Error('id');
    return extension;
  }

  /** As a script element does. */
  private runScript(src: string): void {
    const script = Object.assign(document.createElement('script'), { src });
    Object.defineProperty(document, 'currentScript', { value: script, configurable: true });
    try {
      window.eval(SOURCE);
    } finally {
      Object.defineProperty(document, 'currentScript', { value: null, configurable: true });
    }
  }
}

beforeEach(() => {
  jest.resetModules();
  delete shared[PACKAGE.name];
  Object.assign(window, { fetch: async () => ({ ok: false }) });
});

describe.each([
  ['18', 'react', 'react-dom/client'],
  ['19', 'react-19', 'react-dom-19/client'],
])('a host with React %s', (version, react, client) => {
  test('loads it, finds its modules under its name, and renders the panel itself', async () => {
    jest.doMock('react', () => jest.requireActual(react));
    const React = jest.requireActual(react) as typeof import('react');
    expect(React.version.split('.')[0]).toBe(version);
    shared.react = React;
    shared['react-dom'] = jest.requireActual(client.replace('/client', ''));
    const loader = new Loader('3.14.0');
    const extension = loader.load(DESCRIPTOR);
    expect(loader.record).toEqual([{ packageName: PACKAGE.name, outcome: 'loaded' }]);

    const host = new FakeHost();
    await host.register(extension);
    const panel = host.extensionManager.getModuleEntry(
      `${PACKAGE.name}.panelModule.findL3`,
    ) as unknown as { component: React.ComponentType; name: string };
    for (const kind of ['panelModule', 'toolbarModule', 'customizationModule']) {
      const modules = (host.extensionManager as unknown as { modules: unknown }).modules as Record<
        string,
        { extensionId: string; module: { name?: string }[] }[]
      >;
      const own = modules[kind].filter(({ extensionId }) => extensionId === PACKAGE.name);
      expect(own.flatMap(({ module }) => module).every(({ name }) => Boolean(name))).toBe(true);
      expect(own).toHaveLength(1);
    }
    const { createRoot } = jest.requireActual(client) as typeof import('react-dom/client');
    const element = document.body.appendChild(document.createElement('div'));
    const root = createRoot(element);
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    const act = (React as unknown as { act: (run: () => unknown) => Promise<void> }).act;
    await act(() => root.render(React.createElement(panel.component)));
    expect(element.querySelector('.find-l3-panel')).not.toBeNull();
    await act(() => root.unmount());
    expect(element.childNodes).toHaveLength(0);
  });
});

test('a viewer that it is not made for asks for nothing', () => {
  const loader = new Loader('3.15.0');
  expect(() => loader.load(DESCRIPTOR)).toThrow('version');
  expect(loader.requests).toEqual([]);
});

test('another origin needs its integrity', () => {
  const loader = new Loader('3.14.0');
  const foreign = { ...DESCRIPTOR, importPath: 'https://elsewhere.example/index.umd.js' };
  expect(() => loader.load(foreign)).toThrow('integrity');
});

test('OHIF’s own searches find no React in it, and no part of a host', () => {
  expect(SOURCE).not.toMatch(/__(CLIENT|SERVER)_INTERNALS_DO_NOT_USE_OR_WARN_USERS/);
  expect(SOURCE).not.toMatch(/__SECRET_INTERNALS_DO_NOT_USE_OR_YOU_WILL_BE_FIRED\s*=/);
  expect(SOURCE).not.toMatch(/@ohif\/ui['"]|createRoot\(/);
  const required = [...SOURCE.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
  expect([...new Set(required)].sort()).toEqual(['react', 'react-dom']);
});
