import { dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import {
  check,
  list,
  numberFrom,
  object,
  oneOf,
  positive,
  recordOf,
  text,
} from '../../src/schema/schema';
import { readJsonFile } from '../tools/jsonFile';

/** Centre of a vertebral body, LPS mm; `yMm` is null where only the height is known. */
export interface TrueLevel {
  readonly name: LevelName;
  readonly zMm: number;
  readonly yMm: number | null;
}

/** What an entry's `expected_reason` says where there is no lumbar spine at all. */
const NO_SPINE = 'no-lumbar-spine';
const EXPECTED = ['found', 'undetermined', 'either'] as const;

/** What a right answer is: a level, none (it is not in view or cannot be counted), or either. */
export type Expected = (typeof EXPECTED)[number];

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
  /** No body from T9 down is in view, so that every map is known to be empty. */
  readonly withoutSpine?: boolean;
  readonly note: string | null;
}

/** A case of a list, with the person that the list names: two scans of one person share it. */
export interface ListedCase extends Case {
  readonly person: string | null;
  /** False where its licence does not allow to train on it. */
  readonly mayTrain: boolean;
}

/** LPS mm: no table goes further. */
const height = numberFrom(-1e5, 1e5);
/** Fractional voxels. */
const voxel = numberFrom(-1e5, 1e5);

const ofLevels = <Value extends v.GenericSchema<number | number[]>>(value: Value) =>
  object(
    Object.fromEntries(LEVEL_NAMES.map((name) => [name, v.optional(value)])) as Record<
      LevelName,
      v.OptionalSchema<Value, undefined>
    >,
  );

const COMMON = {
  case: text(),
  person: v.nullish(text(), null),
  expected: v.nullish(oneOf(EXPECTED), null),
  note: v.nullish(v.string('must be a text'), null),
  may_train: v.nullish(v.boolean('must be true or false'), true),
};

/** A scan with the heights of its levels. */
const ScanSchema = object({
  ...COMMON,
  path: text(),
  modality: v.nullish(oneOf(['CT', 'MR']), 'CT'),
  l3_z_mm: v.nullish(height, null),
  levels_z_mm: v.nullish(ofLevels(height), null),
  last_rib: v.nullish(text(), null),
  expected_reason: v.nullish(list(text()), null),
  tolerance_mm: v.nullish(numberFrom(0, 100), null),
});

/** A sagittal MR volume with body centres in voxels. */
const VolumeSchema = object({
  ...COMMON,
  image: text(),
  modality: v.nullish(v.literal('MR', 'must be MR, or a "path" instead of an "image"'), 'MR'),
  spacing_mm: v.pipe(list(positive(100)), v.length(3, 'must be three numbers above 0')),
  centroids_ijk: ofLevels(v.pipe(list(voxel), v.length(3, 'must be a point of three numbers'))),
});

/**
 * Reads a list of cases: either scans with the heights of their levels in mm (`path`, `modality`
 * (CT unless it says MR), `levels_z_mm`, `l3_z_mm`, and `last_rib`, the name of the level that bears
 * the last rib, where ribs were counted; `expected_reason` with `no-lumbar-spine` where no body from T9 down is
 * in view; `may_train` false where the licence forbids it), or an index of sagittal MR volumes with body centres in
 * voxels (`image`, `centroids_ijk`, `spacing_mm`). Paths are absolute or relative to the list; whatever else an
 * entry holds is passed over.
 *
 * @throws Error naming the file, the entry where it is one, and the field that is wrong.
 */
export function readCases(file: string): ListedCase[] {
  const folder = dirname(file);
  return readJsonFile(file, list(recordOf(v.unknown()))).map((entry, i) => {
    const fail = (fault: string): never => {
      throw new Error(`${file}, entry ${i + 1}: ${fault}.`);
    };
    const checked = <Schema extends v.GenericSchema>(schema: Schema): v.InferOutput<Schema> => {
      const result = check(schema, entry, 'it');
      return 'fault' in result ? fail(result.fault) : result.value;
    };
    if ((entry.image ?? null) !== null) return volumeCase(checked(VolumeSchema), folder);
    if ((entry.path ?? null) !== null) return scanCase(checked(ScanSchema), folder, fail);
    return fail(`${checked(object(COMMON)).case} names neither an "image" nor a "path"`);
  });
}

function scanCase(
  entry: v.InferOutput<typeof ScanSchema>,
  folder: string,
  fail: (fault: string) => never,
): ListedCase {
  const { case: id, path, modality, person, levels_z_mm: heights, l3_z_mm: l3ZMm, note } = entry;
  const levels = LEVEL_NAMES.flatMap((name): TrueLevel[] => {
    const zMm = heights?.[name];
    return zMm === undefined ? [] : [{ name, zMm, yMm: null }];
  });
  const lastRib = levels.find(({ name }) => name === entry.last_rib) ?? null;
  // Where no heights are told beside that of L3, somebody counted ribs who read none.
  if (entry.last_rib !== null && lastRib === null && heights !== null) {
    fail(`last_rib must be one of the listed levels; it is "${entry.last_rib}"`);
  }
  const withoutSpine = entry.expected_reason?.includes(NO_SPINE) === true;
  if (withoutSpine && (levels.length > 0 || l3ZMm !== null)) {
    fail(`expected_reason is ${NO_SPINE}, but it names levels`);
  }
  return {
    id,
    set: path.includes('/') && !isAbsolute(path) ? path.split('/')[0] : setOf(id),
    modality,
    path: beside(folder, path),
    levels,
    lastRib,
    l3ZMm,
    toleranceMm: entry.tolerance_mm,
    expected: entry.expected ?? expectedOf(l3ZMm),
    ...(withoutSpine ? { withoutSpine } : {}),
    note,
    person,
    mayTrain: entry.may_train,
  };
}

/** The volumes are sagittal with the affine x = 4k, y = -i, z = -j (RAS), so LPS y = i and z = -j. */
function volumeCase(entry: v.InferOutput<typeof VolumeSchema>, folder: string): ListedCase {
  const {
    case: id,
    image,
    modality,
    person,
    spacing_mm: spacing,
    centroids_ijk: ijk,
    note,
  } = entry;
  const levels = LEVEL_NAMES.flatMap((name): TrueLevel[] => {
    const centre = ijk[name];
    return centre ? [{ name, zMm: -centre[1] * spacing[1], yMm: centre[0] * spacing[0] }] : [];
  });
  const l3ZMm = levels.find(({ name }) => name === 'L3')?.zMm ?? null;
  return {
    id,
    set: setOf(id),
    modality,
    path: beside(folder, image),
    levels,
    lastRib: null,
    l3ZMm,
    toleranceMm: null,
    expected: entry.expected ?? expectedOf(l3ZMm),
    note,
    person,
    mayTrain: entry.may_train,
  };
}

const beside = (folder: string, path: string): string =>
  isAbsolute(path) ? path : join(folder, path);

function setOf(id: string): string {
  return id.replace(/-?\d+$/, '') || id;
}

const expectedOf = (l3ZMm: number | null): Expected => (l3ZMm === null ? 'undetermined' : 'found');
