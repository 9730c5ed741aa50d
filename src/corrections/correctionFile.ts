import { ABSENCE_FORMAT, checkHeader, CORRECTION_FORMAT, isAbsence } from './header';
import type { Correction } from './types';

const NEWLINE = 10;
const LONGEST_LINE = 1 << 16;

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
  const checked = checkHeader(header);
  const size = header.height * header.width;
  const unfit = planes.find(({ length }) => length !== size);
  const fault =
    'fault' in checked
      ? checked.fault
      : unfit && `its planes must have ${size} values; one has ${unfit.length}`;
  if (fault) throw new Error(`This correction cannot be written: ${fault}.`);
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
    let line: unknown;
    try {
      line = JSON.parse(new TextDecoder().decode(bytes.subarray(at, at + end)));
    } catch (cause) {
      throw fail('is no correction, or is damaged', cause);
    }
    const checked = checkHeader(line);
    if ('fault' in checked) throw fail(`cannot be used: ${checked.fault}`);
    at += end + 1;
    const { planes, ...fields } = checked.header;
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

/** Thousandths: of a row, a hundredth of a millimetre or so. */
const round = (value: number): number => Math.round(value * 1000) / 1000;
