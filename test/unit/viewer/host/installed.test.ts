import { installedIn } from '../../../../src/viewer/host/installed';
import type { ExtensionParams } from '../../../../src/viewer/host/ohif';

const FOLDER = 'https://viewer.example/plugins/find-l3/0.4.0/';

function host(cornerstone: object, settings: Record<string, unknown> = {}): ExtensionParams {
  const libraries = { cornerstone, cornerstoneTools: {} };
  return {
    servicesManager: {
      services: { customizationService: { getCustomization: (name: string) => settings[name] } },
    },
    extensionManager: {
      getModuleEntry: () => ({ exports: { getCornerstoneLibraries: () => libraries } }),
    },
    appConfig: { customizationService: Object.fromEntries([['findL3.autoRun', true]]) },
  } as unknown as ExtensionParams;
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'isSecureContext');
  Reflect.deleteProperty(globalThis, 'crossOriginIsolated');
});

test('names folder, the host’s cornerstone, settings in force and those that are not used', () => {
  const installed = installedIn(host({ version: '5.6.8' }, { 'findL3.runtime': 7 }), FOLDER);
  expect(installed).toMatchObject({
    folder: FOLDER,
    cornerstone: '5.6.8',
    problems: [
      { kind: 'bad', name: 'findL3.runtime', value: '7' },
      { kind: 'unknown', name: '"findL3.autoRun"' },
    ],
  });
  expect(installed.settings).toContainEqual({
    name: 'findL3.runtime',
    value: '"auto"',
    isDefault: true,
  });
});

test('a cornerstone without a version is no failure', () => {
  expect(installedIn(host({}), FOLDER).cornerstone).toBeNull();
});

const shared = globalThis.SharedArrayBuffer;

test.each([
  [true, true, shared, null],
  [true, true, undefined, 'no-shared-memory'],
  [true, false, undefined, 'not-isolated'],
  [false, false, shared, 'not-isolated'],
])('what the browser allows the page: secure %p, isolated %p', (...allowed) => {
  const [isSecure, isIsolated, memory, threadObstacle] = allowed;
  Object.assign(globalThis, { isSecureContext: isSecure, crossOriginIsolated: isIsolated });
  globalThis.SharedArrayBuffer = memory as typeof shared;
  try {
    expect(installedIn(host({}), FOLDER)).toMatchObject({ isSecure, threadObstacle });
  } finally {
    globalThis.SharedArrayBuffer = shared;
  }
});

test('a browser that knows neither allows neither', () => {
  Object.assign(globalThis, { isSecureContext: undefined, crossOriginIsolated: undefined });
  expect(installedIn(host({}), FOLDER)).toMatchObject({
    isSecure: false,
    threadObstacle: 'not-isolated',
  });
});
