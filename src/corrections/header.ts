import * as v from 'valibot';
import { LEVEL_NAMES } from '../levels/types';
import {
  check,
  integerFrom,
  list,
  numberFrom,
  oneOf,
  positive,
  strictObject,
  textLike,
} from '../schema/schema';
import { isPersonKey, type PersonKey } from './personKey';

export const CORRECTION_FORMAT = 'find-l3-correction/1';
/** Of corrections that say that L3 is not in view. */
export const ABSENCE_FORMAT = 'find-l3-correction/2';

/** What a person did with the answer where L3 is in view. */
const ACTIONS = [
  /** Left L3 where it was found. */
  'confirmed',
  /** Moved it within the same vertebra. */
  'moved',
  /** Chose another of the found bodies: the numbering was wrong. */
  'renumbered',
  /** Placed it where no body was found. */
  'placed',
] as const;

/**
 * Why a person says that L3 is not in view: the scan ends above it (a chest), or begins below it (a
 * pelvis). Which of the two it is matters: of the first nothing is known about the levels above, of the
 * second nothing about those below.
 */
const ABSENCES = ['ends-above-l3', 'begins-below-l3'] as const;

/** Pixels of a picture in either direction. */
const LARGEST_SIDE = 4096;
/** Pixels from the picture's corner: a place may lie outside. */
const FARTHEST = 1e6;
/** HU or percent. */
const WIDEST_WINDOW = 1e6;
const PLANES = [
  ['max', 'mean'],
  ['max', 'mean', 'lateral'],
];

const side = integerFrom(1, LARGEST_SIDE);
const pixel = numberFrom(-FARTHEST, FARTHEST);
const intensity = numberFrom(-WIDEST_WINDOW, WIDEST_WINDOW);
const place = { name: oneOf(LEVEL_NAMES), row: pixel, column: pixel };
const Place = v.pipe(strictObject(place), v.readonly());
const FoundPlace = v.pipe(strictObject({ ...place, probability: numberFrom(0, 1) }), v.readonly());

/**
 * The header of a correction. A file of corrections (`*.correction`): per correction one line of JSON, then the planes max, mean
 * and, where there is one, lateral as raw bytes. Files may be joined end to end.
 *
 * | field | what |
 * | --- | --- |
 * | `format` | `find-l3-correction/1`, or `find-l3-correction/2` where L3 is not in view |
 * | `person` | pseudonym, 16 hex digits, see `personKey` |
 * | `modality` | `CT` or `MR` |
 * | `mmPerPixel`, `height`, `width` | the grid |
 * | `window` | `kind` (`hu`, `percentile`), `low`, `high`: what 0 and 1 stand for |
 * | `model` | `name`, `version`, `sha256` of the model that was asked |
 * | `found` | `outcome`; `levels`: `name`, `row`, `column`, `probability` |
 * | `final` | `action`; `levels`: `name`, `row`, `column`; none where L3 is not in view |
 * | `planes` | `["max", "mean"]` or `["max", "mean", "lateral"]` |
 *
 * There are no other fields, in writing or in reading. Version 2 adds the actions `ends-above-l3` and
 * `begins-below-l3`; all others are written as version 1, which every reader knows.
 */
const HeaderSchema = strictObject({
  format: oneOf([CORRECTION_FORMAT, ABSENCE_FORMAT]),
  person: v.custom<PersonKey>(isPersonKey, 'must be a pseudonym of 16 hexadecimal digits'),
  modality: oneOf(['CT', 'MR']),
  mmPerPixel: positive(10),
  height: side,
  width: side,
  window: v.pipe(
    strictObject({ kind: oneOf(['hu', 'percentile']), low: intensity, high: intensity }),
    v.readonly(),
  ),
  model: v.pipe(
    strictObject({
      name: textLike(
        /^[a-z0-9][a-z0-9.-]{0,63}$/,
        'up to 64 lower-case letters, digits, dots and dashes',
      ),
      version: textLike(
        /^\d{1,4}\.\d{1,4}\.\d{1,4}(-[\w.]{1,32})?$/,
        'three numbers with dots between, such as 0.3.0 or 0.3.0-site',
      ),
      sha256: textLike(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    }),
    v.readonly(),
  ),
  found: v.pipe(
    strictObject({
      outcome: oneOf(['found', 'undetermined']),
      levels: v.pipe(list(FoundPlace), v.readonly()),
    }),
    v.readonly(),
  ),
  final: v.pipe(
    strictObject({
      action: oneOf([...ACTIONS, ...ABSENCES]),
      levels: v.pipe(list(Place), v.readonly()),
    }),
    v.readonly(),
  ),
  planes: v.custom<readonly string[]>(
    (value) => PLANES.some((planes) => JSON.stringify(planes) === JSON.stringify(value)),
    `must be ${PLANES.map((planes) => JSON.stringify(planes)).join(' or ')}`,
  ),
});

export type Header = Readonly<v.InferOutput<typeof HeaderSchema>>;
export type Absence = (typeof ABSENCES)[number];

/** Whether an action says that L3 is not in view. */
export const isAbsence = (action: unknown): action is Absence =>
  ABSENCES.some((absence) => absence === action);

/**
 * Checks a header, read or to be written. No fault tells what stands for the person.
 *
 * @returns the header, or the first fault: the field, what it must be, and what it is
 */
export function checkHeader(
  value: unknown,
): { readonly header: Header } | { readonly fault: string } {
  const checked = check(HeaderSchema, value, 'its first line', ['person']);
  if ('fault' in checked) return checked;
  const fault = inconsistency(checked.value);
  return fault === null ? { header: checked.value } : { fault };
}

/** What one field demands of another, or null. */
function inconsistency({ format, window, final }: Header): string | null {
  const { low, high } = window;
  if (!(low < high)) return `window.high must be greater than low (${low}); it is ${high}`;
  const ofFormat = format === ABSENCE_FORMAT ? ABSENCES : ACTIONS;
  if (!ofFormat.some((action) => action === final.action)) {
    return `final.action must be one of ${ofFormat.join(', ')} in ${format}; it is ${final.action}`;
  }
  const { levels } = final;
  const names = levels.map(({ name }) => name).join(', ');
  if (isAbsence(final.action)) {
    if (levels.length === 0) return null;
    return `final.levels must be empty where L3 is not in view; it has ${names}`;
  }
  const first = LEVEL_NAMES.indexOf(levels[0]?.name);
  const areNeighbours = levels.every(
    ({ name, row }, i) => name === LEVEL_NAMES[first + i] && (i === 0 || row > levels[i - 1].row),
  );
  if (areNeighbours && levels.some(({ name }) => name === 'L3')) return null;
  const found = names === '' ? 'it has none' : `it has ${names}`;
  return `final.levels must be neighbours from head to foot, L3 among them; ${found}`;
}
