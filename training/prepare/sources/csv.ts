import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import Papa from 'papaparse';
import { LEVEL_NAMES, type LevelName } from '../../../src/levels/types';
import type { Case, TrueLevel } from '../../items/cases';
import { modalityOf } from './masks';
import type { Source, SourceCase } from './source';

const REQUIRED = ['input', 'level', 'z_mm'] as const;
const OPTIONAL = ['y_mm', 'person', 'set', 'last_rib'] as const;
const COLUMNS: readonly string[] = [...REQUIRED, ...OPTIONAL];

interface Table {
  readonly input: string;
  readonly levels: readonly TrueLevel[];
  readonly lastRib: TrueLevel | null;
}

/**
 * A table of levels beside scans: a row a level, `input` (DICOM file or folder of one series, or
 * NIfTI, relative to the table), `level` (T9 to S1, or `none` for a scan in which L3 and everything
 * below is certainly not in view), `z_mm` (LPS, the centre of the body). Optional: `y_mm` (LPS, front
 * to back; else it is looked for with a model), `person`, `set`, and `last_rib` (`yes` in the row of
 * the body that bears the last rib, where ribs were counted).
 */
export const csv: Source = {
  describe: 'table of levels: input,level,z_mm[,y_mm,person,set,last_rib]',
  async list(path) {
    const rows = rowsOf(path);
    const inputs = new Map<string, Record<string, string>[]>();
    for (const row of rows) inputs.set(row.input, [...(inputs.get(row.input) ?? []), row]);
    return [...inputs].map(([input, own]) => caseOf(path, input, own));
  },
  async read(entry) {
    const { input, levels, lastRib } = entry.detail as Table;
    const l3ZMm = levels.find(({ name }) => name === 'L3')?.zMm ?? null;
    const truth: Case = {
      id: entry.id,
      set: entry.set,
      modality: await modalityOf(input),
      path: input,
      levels,
      lastRib,
      l3ZMm,
      toleranceMm: null,
      expected: l3ZMm === null || (lastRib && lastRib.name !== 'T12') ? 'undetermined' : 'found',
      note: null,
    };
    return { kind: 'scan', truth };
  },
};

function rowsOf(path: string): Record<string, string>[] {
  const unreadable = (why: string, cause?: unknown) =>
    new Error(`${path} is not a readable table: ${why}.`, { cause });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable((cause as Error).message, cause);
  }
  const { data, errors, meta } = Papa.parse<Record<string, string>>(text, {
    header: true,
    delimiter: ',',
    skipEmptyLines: 'greedy',
    transformHeader: (name) => name.trim(),
    transform: (value) => value.trim(),
  });
  const [error] = errors;
  if (error) throw unreadable(`row ${(error.row ?? 0) + 1}: ${error.message}`);
  const twice = Object.values(meta.renamedHeaders ?? {}).find((name) => COLUMNS.includes(name));
  if (twice !== undefined) throw unreadable(`it has two columns ${twice}`);
  if (data.length === 0) throw new Error(`${path} has no rows.`);
  const missing = REQUIRED.filter((name) => !meta.fields?.includes(name));
  if (missing.length > 0) {
    throw new Error(
      `${path} has no column ${missing.join(', ')}; its first line must be ${[...REQUIRED, ...OPTIONAL.map((name) => `[${name}]`)].join(',')}.`,
    );
  }
  data.forEach((row, i) => {
    // Papaparse keeps a quotation mark that does not begin its cell as a letter of it.
    const quoted = COLUMNS.find((name) => row[name]?.includes('"'));
    if (quoted) throw unreadable(`row ${i + 1}: ${quoted} has a quotation mark inside`);
  });
  return data;
}

function caseOf(path: string, input: string, rows: readonly Record<string, string>[]): SourceCase {
  const where = `${path}, ${input}`;
  const number = (text: string, what: string) => {
    const value = Number(text);
    if (text === '' || !Number.isFinite(value))
      throw new Error(`${where}: ${what} "${text}" is no number.`);
    return value;
  };
  const only = (column: string) => {
    const values = new Set(rows.map((row) => row[column] ?? '').filter((value) => value !== ''));
    if (values.size > 1) throw new Error(`${where}: ${column} differs from row to row.`);
    return [...values][0] ?? null;
  };
  const isNone = rows.some(({ level }) => level.toLowerCase() === 'none');
  if (isNone && rows.length > 1) throw new Error(`${where}: "none" and other levels.`);
  const levels = isNone
    ? []
    : rows.map(({ level, z_mm: z, y_mm: y = '' }): TrueLevel => {
        if (!LEVEL_NAMES.includes(level as LevelName)) {
          throw new Error(`${where}: level "${level}" is none of ${LEVEL_NAMES.join(', ')}, none.`);
        }
        return {
          name: level as LevelName,
          zMm: number(z, `z_mm of ${level}`),
          yMm: y === '' ? null : number(y, `y_mm of ${level}`),
        };
      });
  const doubled = levels.find(({ name }, i) => levels.findIndex((l) => l.name === name) !== i);
  if (doubled) throw new Error(`${where}: ${doubled.name} is listed twice.`);
  const ordered = LEVEL_NAMES.flatMap((name) => levels.find((level) => level.name === name) ?? []);
  const rib = rows.find((row) => /^(yes|true|1)$/i.test(row.last_rib ?? ''))?.level;
  const file = resolve(dirname(path), input);
  const detail: Table = {
    input: file,
    levels: ordered,
    lastRib: ordered.find(({ name }) => name === rib) ?? null,
  };
  return {
    id: input.replace(/\.(nii(\.gz)?|dcm)$/i, '').replace(/[^\w.-]+/g, '-'),
    set: only('set') ?? basename(path).replace(/\.csv$/i, ''),
    person: only('person'),
    inputs: [file],
    detail,
  };
}
