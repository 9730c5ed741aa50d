import { createInstance, type i18n } from 'i18next';
import LanguageDetector from 'i18next-browser-languagedetector';
import type { Phrase, TextValues } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import { en, type Texts } from './en';
import { zh } from './zh';

/** By language code (BCP 47), as the host has it. */
export const TRANSLATIONS: Readonly<Record<string, Texts>> = { zh };

type Singular<Key> = Key extends `${infer Base}_one` ? Base : Key;
/** A key of the texts; of those that are chosen by a count, the part that they share. */
export type TextKey = Exclude<Singular<keyof typeof en>, `${string}_other`>;

/** A text that is said when it is shown, so that it follows the language. */
export interface Message {
  readonly key: TextKey;
  readonly values?: TextValues;
}

/** How the host finds its language, in its order (`@ohif/i18n`); it keeps what it found, we do not. */
const AS_THE_HOST = {
  order: ['querystring', 'cookie', 'localStorage', 'navigator', 'htmlTag'],
  lookupQuerystring: 'lng',
  lookupCookie: 'i18next',
  lookupLocalStorage: 'i18nextLng',
  caches: [],
};
const NAMESPACE = 'FindL3';

/** Made at the first text, since the host decides on its language while the page loads. */
let instance: i18n | null = null;

function texts(): i18n {
  if (instance) return instance;
  const languages = { en, ...TRANSLATIONS };
  instance = createInstance();
  void instance.init({
    initAsync: false,
    lng: hostLanguage(),
    resources: Object.fromEntries(
      Object.entries(languages).map(([code, own]) => [code, { [NAMESPACE]: own }]),
    ),
    supportedLngs: Object.keys(languages),
    nonExplicitSupportedLngs: true,
    fallbackLng: 'en',
    ns: NAMESPACE,
    defaultNS: NAMESPACE,
    keySeparator: false,
    nsSeparator: false,
    // The page takes texts as text, never as markup.
    interpolation: { prefix: '{', suffix: '}', escapeValue: false, skipOnVariables: true },
  });
  return instance;
}

function hostLanguage(): string {
  const detector = new LanguageDetector();
  // Without the languages that we have, it gives the one that the host has.
  detector.init({ languageUtils: {} }, AS_THE_HOST);
  return [detector.detect()].flat()[0] ?? 'en';
}

/** A text in the viewer's language; English where a translation lacks it. */
export function say(key: TextKey, values: TextValues = {}): string {
  const plain = Object.entries(values).map(([name, value]) => [name, spoken(value)]);
  return texts().t(key, Object.fromEntries(plain) as Record<string, string | number>);
}

export function sayMessage({ key, values }: Message): string {
  return say(key, values);
}

/** What a reason says and advises. */
export function sayReason({ code, message, advice, values }: Reason): {
  readonly message: string;
  readonly advice: string;
} {
  const known = `reason.${code}.message` in en;
  return known
    ? {
        message: say(`reason.${code}.message`, values),
        advice: say(`reason.${code}.advice`, values),
      }
    : { message, advice };
}

export function sayPhrases(phrases: readonly Phrase[]): string {
  return phrases.map(({ code, values }) => say(`phrase.${code}`, values)).join(say('list.comma'));
}

/** What is watched to say everything again. */
export const language = {
  /** Code of the language that texts are in now, e.g. 'en'. */
  get: (): string => texts().resolvedLanguage ?? 'en',
  /** @returns a function that ends the subscription */
  subscribe: (listener: () => void): (() => void) => {
    const now = texts();
    now.on('languageChanged', listener);
    return () => now.off('languageChanged', listener);
  },
  /** Looks which language the host has now. */
  follow: (): void => {
    const wanted = hostLanguage();
    if (wanted !== texts().language) void texts().changeLanguage(wanted);
  },
};

function spoken(value: TextValues[string]): string | number {
  if (typeof value !== 'object') return value;
  return sayPhrases('code' in value ? [value] : value);
}
