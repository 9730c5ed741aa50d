import * as v from 'valibot';
import { LEAST_SALT } from '../../corrections/personKey';
import { flag, numberFrom, object, oneOf, positive } from '../../schema/schema';
import { say } from '../../text/say';
import type { AppConfig, CustomizationService, Mode } from './ohif';

const keys = v.array(v.string());
const size = positive(Number.MAX_VALUE);

/** What an admin can set in `customizationService` of the app config. */
const SETTINGS = {
  /**
   * Modes (by id or route name) that get the button, the panel and the hotkey. 'auto': every mode
   * that accepts a CT or an MR study.
   */
  'findL3.modes': v.union([v.literal('auto'), v.array(v.string())]),
  /** Address of a model package (a folder with manifest.json); null: the one in the plugin folder. */
  'findL3.modelUrl': v.nullable(v.pipe(v.string(), v.minLength(1))),
  /**
   * Probability from which L3 is named. Only raises the model's own threshold, which was chosen with the
   * model: a lower value changes nothing. null: the model's own.
   */
  'findL3.minProbability': v.nullable(numberFrom(0, 1)),
  /** What of the vertebra a mark lies on until a person chooses another. */
  'findL3.definition': oneOf(['mid-body', 'superior-endplate', 'inferior-endplate']),
  /** Whether a suitable series is searched when it is shown, once a visit, without a click. */
  'findL3.autorun': flag(),
  /** Whether the layout Review L3 opens by itself with what autorun found and with a saved level. */
  'findL3.reviewLayout': flag(),
  /** Whether the picture of a level that comes back with its study is made, which reads its series. */
  'findL3.pictureOfSaved': flag(),
  /** Above either of these a person is asked before a series is read; never searched unasked then. */
  'findL3.largeSeries': object({ images: size, megabytes: size }),
  /** Keys of the command findL3, in OHIF's notation; [] for none. */
  'findL3.hotkey': keys,
  /** Keys that confirm and save what is marked and on screen; [] for none. */
  'findL3.hotkeyConfirm': keys,
  /** Keys that move the numbering one vertebra up; [] for none. */
  'findL3.hotkeyNumberingUp': keys,
  /** Keys that move the numbering one vertebra down; [] for none. */
  'findL3.hotkeyNumberingDown': keys,
  /** Keys that show all levels beside the spine, or hide them; [] for none. */
  'findL3.hotkeyRuler': keys,
  /** Keys of the review queue: confirm what is marked and go on; [] for none. */
  'findL3.hotkeyReviewConfirm': keys,
  /** The next study of the list. */
  'findL3.hotkeyReviewNext': keys,
  /** The slice on screen is L3. */
  'findL3.hotkeyReviewFix': keys,
  /** L3 is not in the scan, which ends above it. */
  'findL3.hotkeyReviewAbove': keys,
  /** L3 is not in the scan, which begins below it. */
  'findL3.hotkeyReviewBelow': keys,
  /** Address of the list of studies to review (a batch's results) on the viewer's own server; null: none. */
  'findL3.reviewList': v.nullable(v.pipe(v.string(), v.minLength(1))),
  /** 'auto': WebGPU where there is one, else wasm. 'wasm': never WebGPU. */
  'findL3.runtime': oneOf(['auto', 'wasm']),
  /**
   * Lets people export corrected searches for training, de-identified; null: nobody can. `salt` keeps
   * the pseudonyms secret: 16 characters or more, the same for all that is trained on together.
   */
  'findL3.corrections': v.nullable(object({ salt: v.pipe(v.string(), v.minLength(LEAST_SALT)) })),
  /** Whether tables and names of exported files tell patient number and accession number. */
  'findL3.exportPatient': flag(),
  /** Lets the ONNX runtime write everything to the browser's console. */
  'findL3.verbose': flag(),
};

export type CustomizationName = keyof typeof SETTINGS;

type Settings = { readonly [Name in CustomizationName]: v.InferOutput<(typeof SETTINGS)[Name]> };

/** What of a vertebra a mark lies on. */
export type LevelDefinition = Settings['findL3.definition'];
export type LargeSeriesLimits = Settings['findL3.largeSeries'];

/** What stands where an admin has set nothing. */
export const DEFAULTS: Settings = {
  'findL3.modes': 'auto',
  'findL3.modelUrl': null,
  'findL3.minProbability': null,
  'findL3.definition': 'mid-body',
  'findL3.autorun': false,
  'findL3.reviewLayout': false,
  'findL3.pictureOfSaved': true,
  'findL3.largeSeries': { images: 1500, megabytes: 800 },
  'findL3.hotkey': ['shift+l'],
  'findL3.hotkeyConfirm': ['shift+enter'],
  'findL3.hotkeyNumberingUp': ['shift+up'],
  'findL3.hotkeyNumberingDown': ['shift+down'],
  'findL3.hotkeyRuler': ['shift+r'],
  'findL3.hotkeyReviewConfirm': ['shift+c'],
  'findL3.hotkeyReviewNext': ['shift+n'],
  'findL3.hotkeyReviewFix': ['shift+f'],
  'findL3.hotkeyReviewAbove': ['shift+a'],
  'findL3.hotkeyReviewBelow': ['shift+b'],
  'findL3.reviewList': null,
  'findL3.runtime': 'auto',
  'findL3.corrections': null,
  'findL3.exportPatient': false,
  'findL3.verbose': false,
};

/** The customization's value, or its default when it is not set or not usable. */
export function customization<Name extends CustomizationName>(
  service: CustomizationService,
  name: Name,
): Settings[Name] {
  const value = service.getCustomization(name);
  return v.is(SETTINGS[name], value) ? (value as Settings[Name]) : DEFAULTS[name];
}

const NAMES = Object.keys(DEFAULTS) as CustomizationName[];

/** Something in an admin's settings that is not used; the default stands in for an unusable value. */
export type SettingProblem =
  | { readonly kind: 'bad'; readonly name: CustomizationName; readonly value: string }
  | { readonly kind: 'unknown'; readonly name: string };

/** What is wrong with an admin's settings. */
export function settingProblems(
  service: CustomizationService,
  appConfig: AppConfig | undefined,
): readonly SettingProblem[] {
  const bad = NAMES.flatMap((name) => {
    const value = service.getCustomization(name);
    if (value === undefined || v.is(SETTINGS[name], value)) return [];
    // The secret of the pseudonyms is no text for a screen.
    const shown = name === 'findL3.corrections' ? typeof value : shortened(value);
    return { kind: 'bad', name, value: shown } as const;
  });
  const unknown = settingsOf(appConfig)
    .filter((name) => name.startsWith('findL3.') && !(name in DEFAULTS))
    .map((name) => ({ kind: 'unknown', name: shortened(name) }) as const);
  return [...bad, ...unknown];
}

/** The sentence that names the setting and what is allowed, in the viewer's language. */
export function settingProblemText(problem: SettingProblem): string {
  const { kind, name } = problem;
  if (kind === 'unknown') return say('setting.unknown', { name });
  return say('setting.bad', { ...problem, allowed: say(`setting.${problem.name}`) });
}

/** A setting as it is used. */
export interface SettingInForce {
  readonly name: CustomizationName;
  /** As JSON, shortened; null: a secret that is set. */
  readonly value: string | null;
  readonly isDefault: boolean;
}

/** Every setting with the value that is used, whatever an admin wrote. */
export function settingsInForce(service: CustomizationService): readonly SettingInForce[] {
  return NAMES.map((name) => {
    const value = customization(service, name);
    const isSecret = name === 'findL3.corrections' && value !== null;
    const isDefault = JSON.stringify(value) === JSON.stringify(DEFAULTS[name]);
    return { name, value: isSecret ? null : shortened(value), isDefault };
  });
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
