import { LEVEL_NAMES } from '../levels/types';
import { isPersonKey } from './personKey';
import type { Absence, Correction } from './types';

/**
 * A file of corrections (`*.correction`): per correction one line of JSON, then the planes max, mean
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
export const CORRECTION_FORMAT = 'find-l3-correction/1';
/** Of corrections that say that L3 is not in view. */
export const ABSENCE_FORMAT = 'find-l3-correction/2';

const NEWLINE = 10;
const LONGEST_LINE = 1 << 16;
const LARGEST_SIDE = 4096;
const ACTIONS = ['confirmed', 'moved', 'renumbered', 'placed'];
const ABSENCES: readonly string[] = ['ends-above-l3', 'begins-below-l3'] satisfies Absence[];

/** Whether an action says that L3 is not in view. */
export const isAbsence = (action: unknown): action is Absence =>
  ABSENCES.includes(action as string);

/**
 * The bytes of one correction.
 *
 * @throws Error naming the field that breaks the format: nothing that it does not allow is written.
 */
export function encodeCorrection(correction: Correction): Uint8Array {
  const { max, mean, lateral, found, final, window, model } = correction;
  const header = {
    format: isAbsence(final.action) ? ABSENCE_FORMAT : CORRECTION_FORMAT,
    person: correction.person,
    modality: correction.modality,
    mmPerPixel: correction.mmPerPixel,
    height: correction.height,
    width: correction.width,
    window: { kind: window.kind, low: window.low, high: window.high },
    model: { name: model.name, version: model.version, sha256: model.sha256 },
    found: {
      outcome: found.outcome,
      levels: found.levels.map(({ name, row, column, probability }) => ({
        name,
        row: round(row),
        column: round(column),
        probability: round(probability),
      })),
    },
    final: {
      action: final.action,
      levels: final.levels.map(({ name, row, column }) => ({
        name,
        row: round(row),
        column: round(column),
      })),
    },
    planes: lateral ? ['max', 'mean', 'lateral'] : ['max', 'mean'],
  };
  const planes = lateral ? [max, mean, lateral] : [max, mean];
  const wrong =
    faultOf(header) ??
    (planes.some(({ length }) => length !== header.height * header.width)
      ? 'its planes do not have height x width values'
      : null);
  if (wrong) throw new Error(`This correction cannot be written: ${wrong}.`);
  const line = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const bytes = new Uint8Array(line.length + planes.length * max.length);
  bytes.set(line);
  planes.forEach((plane, i) => bytes.set(plane, line.length + i * max.length));
  return bytes;
}

/**
 * Reads every correction of a file. The planes are views of `bytes`.
 *
 * @throws Error saying which correction (from 1) is wrong and how: of another format or version, cut
 *   short, with a field missing, malformed or unknown.
 */
export function decodeCorrections(bytes: Uint8Array): Correction[] {
  const corrections: Correction[] = [];
  let at = 0;
  while (at < bytes.length || corrections.length === 0) {
    const fail = (what: string, cause?: unknown) =>
      new Error(`Correction ${corrections.length + 1} of the file ${what}.`, { cause });
    const end = bytes.subarray(at, at + LONGEST_LINE).indexOf(NEWLINE);
    if (end < 0) throw fail('is cut short or is no correction');
    let header: Record<string, unknown>;
    try {
      header = JSON.parse(new TextDecoder().decode(bytes.subarray(at, at + end))) as typeof header;
    } catch (cause) {
      throw fail('is no correction, or is damaged', cause);
    }
    const wrong = faultOf(header);
    if (wrong) throw fail(`cannot be used: ${wrong}`);
    at += end + 1;
    const { planes, ...fields } = header as unknown as Header;
    const size = fields.height * fields.width;
    if (at + planes.length * size > bytes.length) throw fail('is cut short');
    const plane = (index: number) => bytes.subarray(at + index * size, at + (index + 1) * size);
    corrections.push({
      person: fields.person,
      modality: fields.modality,
      mmPerPixel: fields.mmPerPixel,
      height: fields.height,
      width: fields.width,
      window: fields.window,
      model: fields.model,
      found: fields.found,
      final: fields.final,
      max: plane(0),
      mean: plane(1),
      lateral: planes.length === 3 ? plane(2) : null,
    });
    at += planes.length * size;
  }
  return corrections;
}

type Header = Omit<Correction, 'max' | 'mean' | 'lateral'> & {
  readonly format: string;
  readonly planes: readonly string[];
};

/** Thousandths: of a row, a hundredth of a millimetre or so. */
const round = (value: number): number => Math.round(value * 1000) / 1000;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSide = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) <= LARGEST_SIDE;
const isShare = (value: unknown): boolean =>
  Number.isFinite(value) && (value as number) >= 0 && (value as number) <= 1;
const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);
const oneOf =
  (values: readonly string[]) =>
  (value: unknown): boolean =>
    values.includes(value as string);

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const FIELDS: Shape = {
  format: oneOf([CORRECTION_FORMAT, ABSENCE_FORMAT]),
  person: isPersonKey,
  modality: oneOf(['CT', 'MR']),
  mmPerPixel: (value) => Number.isFinite(value) && (value as number) > 0 && (value as number) <= 10,
  height: isSide,
  width: isSide,
  window: isRecord,
  model: isRecord,
  found: isRecord,
  final: isRecord,
  planes: (value) => ['max,mean', 'max,mean,lateral'].includes(String(value)),
};
const WINDOW: Shape = {
  kind: oneOf(['hu', 'percentile']),
  low: Number.isFinite,
  high: Number.isFinite,
};
const MODEL: Shape = {
  name: matches(/^[a-z0-9][a-z0-9.-]{0,63}$/),
  version: matches(/^\d{1,4}\.\d{1,4}\.\d{1,4}(-[\w.]{1,32})?$/),
  sha256: matches(/^[0-9a-f]{64}$/),
};
const FOUND: Shape = { outcome: oneOf(['found', 'undetermined']), levels: Array.isArray };
const FINAL: Shape = { action: oneOf([...ACTIONS, ...ABSENCES]), levels: Array.isArray };
const PLACE: Shape = { name: oneOf(LEVEL_NAMES), row: Number.isFinite, column: Number.isFinite };
const FOUND_PLACE: Shape = { ...PLACE, probability: isShare };

/** What breaks the format, or null. */
function faultOf(header: unknown): string | null {
  if (isRecord(header) && !FIELDS.format(header.format)) {
    return `its format is ${String(header.format).slice(0, 40)}, not ${CORRECTION_FORMAT} or ${ABSENCE_FORMAT}`;
  }
  const fault = wrongField(header, FIELDS, '');
  if (fault) return fault;
  const { window, model, found, final } = header as Record<string, Record<string, unknown>>;
  const { format } = header as Record<string, string>;
  const inner =
    wrongField(window, WINDOW, 'window.') ??
    wrongField(model, MODEL, 'model.') ??
    wrongField(found, FOUND, 'found.') ??
    wrongField(final, FINAL, 'final.');
  if (inner) return inner;
  if (!((window.low as number) < (window.high as number))) return 'window.low is not below high';
  for (const [list, shape, name] of [
    [found.levels, FOUND_PLACE, 'found.levels'],
    [final.levels, PLACE, 'final.levels'],
  ] as const) {
    for (const place of list as unknown[]) {
      const wrong = wrongField(place, shape, `${name}.`);
      if (wrong) return wrong;
    }
  }
  const levels = final.levels as Header['final']['levels'];
  if (isAbsence(final.action) !== (format === ABSENCE_FORMAT)) {
    return `final.action is not one of ${format}`;
  }
  if (!isAbsence(final.action)) return faultOfLevels(levels);
  return levels.length === 0 ? null : 'final.levels has a level, though L3 is not in view';
}

function wrongField(value: unknown, shape: Shape, prefix: string): string | null {
  if (!isRecord(value)) return `${prefix || 'its first line '}is not an object`;
  for (const [key, isRight] of Object.entries(shape)) {
    if (!(key in value)) return `${prefix}${key} is missing`;
    if (!isRight(value[key])) return `${prefix}${key} is not what the format allows`;
  }
  const unknown = Object.keys(value).find((key) => !(key in shape));
  return unknown === undefined ? null : `it has a field that the format does not know`;
}

function faultOfLevels(levels: Header['final']['levels']): string | null {
  const first = LEVEL_NAMES.indexOf(levels[0]?.name);
  const areNeighbours = levels.every(
    ({ name, row }, i) => name === LEVEL_NAMES[first + i] && (i === 0 || row > levels[i - 1].row),
  );
  if (!areNeighbours) return 'final.levels are not neighbours from head to foot';
  return levels.some(({ name }) => name === 'L3') ? null : 'final.levels are without L3';
}
