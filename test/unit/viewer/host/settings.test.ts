import {
  customization,
  DEFAULTS,
  isEnabledInMode,
  settingProblems,
  settingProblemText,
  settingsInForce,
  type CustomizationName,
} from '../../../../src/viewer/host/settings';
import type { CustomizationService } from '../../../../src/viewer/host/ohif';

function service(values: Record<string, unknown> = {}): CustomizationService {
  return { getCustomization: (name) => values[name], setCustomizations: () => {} };
}

test('what is not set has its default', () => {
  for (const name of Object.keys(DEFAULTS) as CustomizationName[]) {
    expect(customization(service(), name)).toEqual(DEFAULTS[name]);
  }
});

test.each([
  ['findL3.modes', 'viewer'],
  ['findL3.modelUrl', 7],
  ['findL3.modelUrl', ''],
  ['findL3.hotkey', 'shift+l'],
  ['findL3.modes', ['viewer', 7]],
  ['findL3.minProbability', 1.01],
  ['findL3.minProbability', NaN],
  ['findL3.minProbability', '0.5'],
  ['findL3.definition', 'middle'],
  ['findL3.autorun', 1],
  ['findL3.largeSeries', 500],
  ['findL3.largeSeries', { images: 500 }],
  ['findL3.largeSeries', { images: 0, megabytes: 800 }],
  ['findL3.largeSeries', { images: 500, megabytes: Infinity }],
  ['findL3.runtime', 'cuda'],
  ['findL3.corrections', { salt: 'fifteen letters' }],
  ['findL3.corrections', { salt: 1234567890123456 }],
  ['findL3.corrections', 'a salt of its own kind'],
  ['findL3.verbose', 'yes'],
  ['findL3.exportPatient', 1],
] as const)('%s is not taken from %p, and that is said', (name, value) => {
  const host = service({ [name]: value });
  expect(customization(host, name)).toEqual(DEFAULTS[name]);
  const [problem, ...others] = settingProblems(host, undefined);
  expect(others).toEqual([]);
  const text = settingProblemText(problem);
  expect(text).toContain(name);
  if (name === 'findL3.corrections') expect(text).not.toMatch(/fifteen|1234|of its own/);
});

test.each([
  ['findL3.modes', ['viewer']],
  ['findL3.modelUrl', '/models/ours/'],
  ['findL3.hotkey', []],
  ['findL3.runtime', 'wasm'],
  ['findL3.modes', 'auto'],
  ['findL3.modes', []],
  ['findL3.modelUrl', null],
  ['findL3.minProbability', 0],
  ['findL3.minProbability', 1],
  ['findL3.definition', 'inferior-endplate'],
  ['findL3.autorun', true],
  ['findL3.largeSeries', { images: 1e9, megabytes: 0.5, note: 'never asked' }],
  ['findL3.corrections', { salt: 'sixteen letters.' }],
  ['findL3.corrections', null],
  ['findL3.verbose', true],
  ['findL3.exportPatient', true],
] as const)('%s is taken from %p, and nothing is said', (name, value) => {
  const host = service({ [name]: value });
  expect(customization(host, name)).toEqual(value);
  expect(settingProblems(host, undefined)).toEqual([]);
});

describe('settings in force', () => {
  const inForce = (values: Record<string, unknown>) =>
    Object.fromEntries(settingsInForce(service(values)).map(({ name, ...rest }) => [name, rest]));

  test('are all there are, each as the default where an admin set nothing', () => {
    const all = inForce({});
    expect(Object.keys(all)).toEqual(Object.keys(DEFAULTS));
    expect(Object.values(all).every(({ isDefault }) => isDefault)).toBe(true);
    expect(all['findL3.largeSeries'].value).toBe('{"images":1500,"megabytes":800}');
  });

  test('are what is used, not what was written where that is not usable', () => {
    const all = inForce({ 'findL3.runtime': 'wasm', 'findL3.autorun': 'yes' });
    expect(all['findL3.runtime']).toEqual({ value: '"wasm"', isDefault: false });
    expect(all['findL3.autorun']).toEqual({ value: 'false', isDefault: true });
  });

  test('tell of a secret only that it is set', () => {
    const all = inForce({ 'findL3.corrections': { salt: 'sixteen letters.' } });
    expect(all['findL3.corrections']).toEqual({ value: null, isDefault: false });
    expect(JSON.stringify(all)).not.toContain('sixteen');
  });
});

describe('modes', () => {
  const mode = (routeName: string, modalities: readonly string[]) => ({
    id: `@site/mode-${routeName}`,
    routeName,
    isValidMode: (query: { modalities: string }) => ({
      valid: modalities.every((modality) => query.modalities.split('\\').includes(modality)),
    }),
  });
  const appConfig = {
    loadedModes: [
      mode('viewer', []),
      mode('tmtv', ['CT', 'PT']),
      mode('microscopy', ['SM']),
      { id: '@site/mode-strange', routeName: 'strange', isValidMode: () => fail() },
    ],
  };
  function fail(): never {
    throw new Error('needs a patient');
  }
  const enabled = (path: string, values?: Record<string, unknown>) =>
    isEnabledInMode(service(values), appConfig, path);

  test('by default those that accept CT or MR, alone or with PT', () => {
    expect(enabled('/viewer')).toBe(true);
    expect(enabled('/tmtv/dicomweb')).toBe(true);
    expect(enabled('/microscopy')).toBe(false);
  });

  test('a mode that asks for more than modalities, or that is unknown, is no reason to be missing', () => {
    expect(enabled('/strange')).toBe(true);
    expect(enabled('/unheard-of')).toBe(true);
    expect(isEnabledInMode(service(), undefined, '/viewer')).toBe(true);
  });

  test('the route may lie below a base path', () => {
    expect(enabled('/radiology/ohif/microscopy/pacs')).toBe(false);
    expect(enabled('/radiology/ohif/viewer')).toBe(true);
  });

  test('chosen by id or route name', () => {
    const chosen = { 'findL3.modes': ['@site/mode-viewer', 'microscopy'] };
    expect(enabled('/viewer', chosen)).toBe(true);
    expect(enabled('/microscopy', chosen)).toBe(true);
    expect(enabled('/tmtv', chosen)).toBe(false);
    expect(enabled('/unheard-of', chosen)).toBe(false);
  });
});
