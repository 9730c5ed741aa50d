import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';

/** Centre of a vertebral body, LPS mm; `yMm` is null where only the height is known. */
export interface TrueLevel {
  readonly name: LevelName;
  readonly zMm: number;
  readonly yMm: number | null;
}

/** What a right answer is: a level, none (it is not in view or cannot be counted), or either. */
export type Expected = 'found' | 'undetermined' | 'either';

/** One scan with its truth, from whatever list it was read. */
export interface Case {
  readonly id: string;
  /** The data set, e.g. `chu`; the model is judged set by set. */
  readonly set: string;
  readonly modality: 'CT' | 'MR';
  /** File or folder to open. */
  readonly path: string;
  /** Known levels, head to foot. */
  readonly levels: readonly TrueLevel[];
  /**
   * The body that bears the last rib, under its name in `levels`; null unless the source says that
   * ribs were counted. Levels counted from the sacrum alone say nothing about ribs.
   */
  readonly lastRib: TrueLevel | null;
  /** LPS z of mid-L3, or null when it is not known or not in view. */
  readonly l3ZMm: number | null;
  readonly toleranceMm: number | null;
  readonly expected: Expected;
  readonly note: string | null;
}

/**
 * Reads a list of cases: either CT cases with the heights of their levels in mm (`path`,
 * `levels_z_mm`, `l3_z_mm`, and `last_rib`, the name of the level that bears the last rib, where
 * ribs were counted), or an index of sagittal MR volumes with body centres in voxels
 * (`image`, `centroids_ijk`, `spacing_mm`). Paths are relative to the list.
 *
 * @throws Error naming the file, and the entry where it is one.
 */
export function readCases(file: string): Case[] {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not a readable JSON file.`, { cause });
  }
  if (!Array.isArray(entries)) throw new Error(`${file} must hold a JSON array of cases.`);
  return entries.map((entry: unknown, i) =>
    parseCase(entry, dirname(file), `${file}, entry ${i + 1}`),
  );
}

function parseCase(entry: unknown, folder: string, where: string): Case {
  if (typeof entry !== 'object' || entry === null) throw new Error(`${where} is not an object.`);
  const fields = entry as Record<string, unknown>;
  if (typeof fields.case !== 'string') throw new Error(`${where} has no name ("case").`);
  if (typeof fields.image === 'string') return mrCase(fields, folder, where);
  if (typeof fields.path === 'string') return ctCase(fields, folder, where);
  throw new Error(`${where}: ${fields.case} names neither an "image" nor a "path".`);
}

function ctCase(fields: Record<string, unknown>, folder: string, where: string): Case {
  const { finite, record } = fieldReader(where);
  const id = fields.case as string;
  const path = fields.path as string;
  const heights = record(fields.levels_z_mm ?? {}, 'levels_z_mm');
  const levels = LEVEL_NAMES.filter((name) => name in heights).map((name) => ({
    name,
    zMm: finite(heights[name], `levels_z_mm.${name}`),
    yMm: null,
  }));
  const l3ZMm = (fields.l3_z_mm ?? null) === null ? null : finite(fields.l3_z_mm, 'l3_z_mm');
  return {
    id,
    set: path.includes('/') ? path.split('/')[0] : setOf(id),
    modality: 'CT',
    path: join(folder, path),
    levels,
    lastRib: lastRibOf(fields, levels, where),
    l3ZMm,
    toleranceMm:
      (fields.tolerance_mm ?? null) === null ? null : finite(fields.tolerance_mm, 'tolerance_mm'),
    expected: expectedOf(fields.expected, l3ZMm),
    note: noteOf(fields),
  };
}

/** The volumes are sagittal with the affine x = 4k, y = -i, z = -j (RAS), so LPS y = i and z = -j. */
function mrCase(fields: Record<string, unknown>, folder: string, where: string): Case {
  const { finite, record } = fieldReader(where);
  const id = fields.case as string;
  const centroids = record(fields.centroids_ijk, 'centroids_ijk');
  const spacing = fields.spacing_mm;
  if (!Array.isArray(spacing)) throw new Error(`${where}: ${id} has no spacing_mm.`);
  const levels = LEVEL_NAMES.filter((name) => name in centroids).map((name) => {
    const ijk = centroids[name];
    if (!Array.isArray(ijk)) throw new Error(`${where}: centroids_ijk.${name} is not a point.`);
    return {
      name,
      zMm: -finite(ijk[1], name) * finite(spacing[1], 'spacing_mm'),
      yMm: finite(ijk[0], name) * finite(spacing[0], 'spacing_mm'),
    };
  });
  const l3ZMm = levels.find(({ name }) => name === 'L3')?.zMm ?? null;
  return {
    id,
    set: setOf(id),
    modality: 'MR',
    path: join(folder, fields.image as string),
    levels,
    lastRib: null,
    l3ZMm,
    toleranceMm: null,
    expected: expectedOf(fields.expected, l3ZMm),
    note: noteOf(fields),
  };
}

function setOf(id: string): string {
  return id.replace(/-?\d+$/, '') || id;
}

function expectedOf(value: unknown, l3ZMm: number | null): Expected {
  if (value === 'found' || value === 'undetermined' || value === 'either') return value;
  return l3ZMm === null ? 'undetermined' : 'found';
}

function lastRibOf(
  { last_rib: name = null, levels_z_mm: heights }: Record<string, unknown>,
  levels: readonly TrueLevel[],
  where: string,
): TrueLevel | null {
  if (name === null) return null;
  const level = levels.find((each) => each.name === name);
  // Counted by somebody who read no heights beside that of L3.
  if (!level && heights === undefined) return null;
  if (!level) throw new Error(`${where}: last_rib must name one of the listed levels.`);
  return level;
}

function noteOf(fields: Record<string, unknown>): string | null {
  return typeof fields.note === 'string' ? fields.note : null;
}

function fieldReader(where: string) {
  return {
    record(value: unknown, what: string): Record<string, unknown> {
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return value as Record<string, unknown>;
      throw new Error(`${where}: ${what} is missing or not an object.`);
    },
    finite(value: unknown, what: string): number {
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw new Error(`${where}: ${what} is not a number.`);
    },
  };
}
