import { en } from '../../../src/text/en';
import { say, sayMessage, sayPhrases, sayReason, TRANSLATIONS } from '../../../src/text/say';
import { zh } from '../../../src/text/zh';
import { reason } from '../../../src/reasons/reasons';
import { phrase } from '../../../src/reasons/phrases';

const KEYS = Object.keys(en) as (keyof typeof en)[];
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

/** What stays as it is in Chinese: names of levels, standards, programs, units, keys and settings. */
const NOT_TRANSLATED =
  /\{\w+\}|Find L3|L[234]|CT|MR|MPR|OHIF|cornerstone|PACS|CSV|JSON|PNG|DICOM|NIfTI|SOP Instance UID|\bUID\b|\bzip\b|results\.(?:jsonl|csv)|(Image (Orientation|Position) \(Patient\))|Pixel Spacing|Modality LUT|Hounsfield|HU|Rescale (Slope|Intercept)|GPU|WebGPU|HTTPS|HTTP|STOW-RS|localhost|wasm|Chrome|Edge|Firefox|index\.json|--modality|&modality=|sform|pixdim|qform|url=|findL3\.modes|\bid\b|"[\w+-]+"|true|false|\bmm\b|\bms\b|\bMB\b|\bz\b|\bx\b/g;

describe.each(Object.entries(TRANSLATIONS))('%s', (language, texts) => {
  const all: Readonly<Record<string, string>> = texts;
  const english: Readonly<Record<string, string>> = en;

  test('has the keys of English, and every plural that it has', () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    const plurals = KEYS.filter((key) => key.endsWith('_other')).flatMap((key) =>
      pluralCategories.map((category) => key.replace('other', category)),
    );
    expect(Object.keys(all).sort()).toEqual([...new Set([...KEYS, ...plurals])].sort());
  });

  test.each(Object.keys(all))('%s names the values that English names', (key) => {
    const source = english[key] ?? english[key.replace(/_[a-z]+$/, '_other')];
    // A plural may spell its number out.
    const counted = /_(zero|one|two)$/.test(key) ? ['{count}'] : [];
    const [named, translated] = [source, all[key]].map((text) =>
      placeholders(text).filter((name) => !counted.includes(name)),
    );
    expect(translated).toEqual(named);
  });
});

test.each(KEYS)('%s is Chinese in Chinese', (key) => {
  const left = zh[key].replace(NOT_TRANSLATED, '');
  expect(left).not.toMatch(/[A-Za-z]{2,}/);
  if (/[A-Za-z]{3,}/.test(en[key].replace(NOT_TRANSLATED, '')))
    expect(left).toMatch(/\p{Script=Han}/u);
});

test('Chinese sentences end as Chinese ones do', () => {
  for (const key of KEYS) {
    if (en[key].endsWith('.')) expect([key, zh[key].at(-1)]).toEqual([key, '。']);
  }
});

test('a text takes its values, however often they look like another text', () => {
  const description = '$t(title) {count} <b>';
  expect(say('series.described', { series: 'Series 3', description })).toBe(
    `Series 3: ${description}`,
  );
  expect(say('series.images', { modality: 'CT', count: 1 })).toBe('CT, 1 image');
  expect(sayMessage({ key: 'series.images', values: { modality: 'CT', count: 60 } })).toBe(
    'CT, 60 images',
  );
});

test('a reason is said as it was made, with phrases inside phrases', () => {
  const why = [phrase('higher-1'), phrase('counted-last-rib')];
  const made = reason('ambiguous', {
    detail: phrase('two-places', { percent: '48 %', otherPercent: '44 %', why }),
  });
  expect(made.message).toContain('48 % against 44 % one vertebra higher, counted down');
  const { code, message, advice } = made;
  expect({ code, ...sayReason(made) }).toEqual({ code, message, advice });
  expect(sayPhrases(why)).toBe('one vertebra higher, counted down from the last rib');
});
