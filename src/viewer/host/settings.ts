import { LEAST_SALT } from '../../corrections/personKey';
import { say } from '../../text/say';
import type { LevelDefinition } from '../mark/types';
import type { AppConfig, CustomizationService, Mode } from './ohif';

/** Above either of these a person is asked before a series is read. */
export interface LargeSeriesLimits {
  readonly images: number;
  readonly megabytes: number;
}

/** What an admin can set in `customizationService` of the app config, with its defaults. */
export const DEFAULTS = {
  /**
   * Modes (by id or route name) that get the button, the panel and the hotkey. 'auto': every mode
   * that accepts a CT or an MR study.
   */
  'findL3.modes': 'auto' as 'auto' | readonly string[],
  /** Address of a model package (a folder with manifest.json); null: the one in the plugin folder. */
  'findL3.modelUrl': null as string | null,
  /**
   * Probability from which L3 is named. Only raises the model's own threshold, which was chosen with the
   * model: a lower value changes nothing. null: the model's own.
   */
  'findL3.minProbability': null as number | null,
  /** What of the vertebra a mark lies on until a person chooses another. */
  'findL3.definition': 'mid-body' as LevelDefinition,
  /** Whether a suitable series is searched when it is shown, once a visit, without a click. */
  'findL3.autorun': false,
  /** Above either of these a person is asked before a series is read; never searched unasked then. */
  'findL3.largeSeries': { images: 1500, megabytes: 800 } as LargeSeriesLimits,
  /** Keys of the command findL3, in OHIF's notation; [] for none. */
  'findL3.hotkey': ['shift+l'] as readonly string[],
  /** Keys that confirm and save what is marked and on screen; [] for none. */
  'findL3.hotkeyConfirm': ['shift+enter'] as readonly string[],
  /** Keys that move the numbering one vertebra up; [] for none. */
  'findL3.hotkeyNumberingUp': ['shift+up'] as readonly string[],
  /** Keys that move the numbering one vertebra down; [] for none. */
  'findL3.hotkeyNumberingDown': ['shift+down'] as readonly string[],
  /** Keys that show all levels beside the spine, or hide them; [] for none. */
  'findL3.hotkeyRuler': ['shift+r'] as readonly string[],
  /** 'auto': WebGPU where there is one, else wasm. 'wasm': never WebGPU. */
  'findL3.runtime': 'auto' as 'auto' | 'wasm',
  /**
   * Lets people export corrected searches for training, de-identified; null: nobody can. `salt` keeps
   * the pseudonyms secret: 16 characters or more, the same for all that is trained on together.
   */
  'findL3.corrections': null as { readonly salt: string } | null,
  /** Lets the ONNX runtime write everything to the browser's console. */
  'findL3.verbose': false,
};

export type CustomizationName = keyof typeof DEFAULTS;

const isTextList = (value: unknown) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const DEFINITIONS: readonly unknown[] = ['mid-body', 'superior-endplate', 'inferior-endplate'];
const isAboveZero = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;

const ACCEPTED: Readonly<Record<CustomizationName, (value: unknown) => boolean>> = {
  'findL3.modes': isTextList,
  'findL3.modelUrl': (value) => typeof value === 'string' && value !== '',
  'findL3.minProbability': (value) => typeof value === 'number' && value >= 0 && value <= 1,
  'findL3.definition': (value) => DEFINITIONS.includes(value),
  'findL3.autorun': (value) => typeof value === 'boolean',
  'findL3.largeSeries': (value) => {
    const { images, megabytes } = (value ?? {}) as Partial<
      Record<keyof LargeSeriesLimits, unknown>
    >;
    return isAboveZero(images) && isAboveZero(megabytes);
  },
  'findL3.hotkey': isTextList,
  'findL3.hotkeyConfirm': isTextList,
  'findL3.hotkeyNumberingUp': isTextList,
  'findL3.hotkeyNumberingDown': isTextList,
  'findL3.hotkeyRuler': isTextList,
  'findL3.runtime': (value) => value === 'wasm' || value === 'auto',
  'findL3.corrections': (value) => {
    const { salt } = (value ?? {}) as { salt?: unknown };
    return typeof salt === 'string' && salt.length >= LEAST_SALT;
  },
  'findL3.verbose': (value) => typeof value === 'boolean',
};

/** The customization's value, or its default when it is not set or not usable. */
export function customization<Name extends CustomizationName>(
  service: CustomizationService,
  name: Name,
): (typeof DEFAULTS)[Name] {
  const value = service.getCustomization(name);
  return ACCEPTED[name](value) ? (value as (typeof DEFAULTS)[Name]) : DEFAULTS[name];
}

/**
 * What is wrong with an admin's settings, each in a sentence that names the setting and what is allowed.
 * The default stands in for a value that is not usable.
 */
export function settingProblems(
  service: CustomizationService,
  appConfig: AppConfig | undefined,
): readonly string[] {
  const names = Object.keys(DEFAULTS) as CustomizationName[];
  const bad = names.flatMap((name) => {
    const value = service.getCustomization(name);
    const isUnset = value === undefined || value === DEFAULTS[name];
    if (isUnset || ACCEPTED[name](value)) return [];
    // The secret of the pseudonyms is no text for a screen.
    const shown = name === 'findL3.corrections' ? typeof value : shortened(value);
    return say('setting.bad', { name, value: shown, allowed: say(`setting.${name}`) });
  });
  const unknown = settingsOf(appConfig)
    .filter((name) => name.startsWith('findL3.') && !(name in DEFAULTS))
    .map((name) => say('setting.unknown', { name: shortened(name) }));
  return [...bad, ...unknown];
}

/** Names in `customizationService` of the app config: an object, or a list of objects and references. */
function settingsOf(appConfig: AppConfig | undefined): readonly string[] {
  const settings: readonly unknown[] = [appConfig?.customizationService].flat();
  return settings.flatMap((each) =>
    each !== null && typeof each === 'object' ? Object.keys(each) : [],
  );
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * Whether the mode that is being entered gets Find L3.
 *
 * @param pathname of the page's address, which holds the mode's route name
 */
export function isEnabledInMode(
  service: CustomizationService,
  appConfig: AppConfig | undefined,
  pathname: string,
): boolean {
  const mode = modeOf(appConfig, pathname);
  const modes = customization(service, 'findL3.modes');
  if (modes !== 'auto') {
    return [mode?.id, mode?.routeName].some((name) => name !== undefined && modes.includes(name));
  }
  return (
    !mode?.isValidMode || ['CT', 'MR', 'CT\\PT'].some((modalities) => accepts(mode, modalities))
  );
}

function modeOf(appConfig: AppConfig | undefined, pathname: string): Mode | undefined {
  const modes = appConfig?.loadedModes ?? [];
  const segments = pathname.split('/').filter((segment) => segment !== '');
  const route = segments.find((segment) => modes.some(({ routeName }) => routeName === segment));
  return route === undefined ? undefined : modes.find(({ routeName }) => routeName === route);
}

function accepts(mode: Mode, modalities: string): boolean {
  try {
    const answer = mode.isValidMode?.({ modalities, study: { modalities } });
    return typeof answer === 'object' ? answer.valid === true : answer === true;
  } catch {
    // A mode that wants more of a study than its modalities may still show CT.
    return true;
  }
}
