import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { finiteNumber, list, object, oneOf, recordOf, text } from '../../src/schema/schema';
import { readJsonFile } from '../tools/jsonFile';

const ROLES = ['train', 'held-out', 'never', 'unused'] as const;

/**
 * What a case may be used for. `held-out` measures while training; `never` is the test set: no
 * training, no tuning; `unused` is neither trained on nor evidence.
 */
export type Role = (typeof ROLES)[number];

/** Case ids; `*` at the end stands for any rest. */
const cases = list(text());

const SplitSchema = object({
  /** Another split in the same folder, whose rules come after these, with its persons and places. */
  extends: v.optional(text()),
  rules: list(
    object({ role: oneOf(ROLES), cases, reason: v.optional(v.string('must be a text'), '') }),
  ),
  persons: list(object({ person: text(), cases })),
  /** By case and level: places front to back that a list does not give (read by eye), LPS y in mm. */
  levelsYMm: v.optional(recordOf(recordOf(finiteNumber())), {}),
});

export type SplitFile = v.InferOutput<typeof SplitSchema>;
export type ColumnsOf = SplitFile['levelsYMm'];

export interface Split {
  readonly roleOf: (id: string) => { readonly role: Role; readonly reason: string };
  readonly personOf: (id: string) => string;
  readonly levelsYMm: ColumnsOf;
}

/**
 * Reads a split: rules in order, the first that names a case decides; a case nobody names is never
 * trained on.
 *
 * @throws Error naming the file and the field that is wrong
 */
export function readSplit(file: string): Split {
  return splitOf(wholeSplit(file));
}

function wholeSplit(file: string): SplitFile {
  const split = readJsonFile(file, SplitSchema);
  if (split.extends === undefined) return split;
  const base = wholeSplit(join(dirname(file), basename(split.extends)));
  return {
    rules: [...split.rules, ...base.rules],
    persons: [...split.persons, ...base.persons],
    levelsYMm: { ...base.levelsYMm, ...split.levelsYMm },
  };
}

/** The rules of a split at work. */
export function splitOf(split: SplitFile): Split {
  const matches = (pattern: string, id: string) =>
    pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
  const anyMatches = (patterns: readonly string[], id: string) =>
    patterns.some((pattern) => matches(pattern, id));
  const personOf = (id: string) =>
    split.persons.find(({ cases }) => anyMatches(cases, id))?.person ?? id;
  const roleOf = (id: string) => {
    const rule = split.rules.find(({ cases }) => anyMatches(cases, id));
    return rule ?? { role: 'never' as const, reason: 'not named by the split' };
  };
  return { roleOf, personOf, levelsYMm: split.levelsYMm };
}

/**
 * A split of cases by person, set by set: the persons whose hash falls into the share are held out.
 * The same person always falls on the same side, whatever else there is.
 *
 * @param share of the persons that are held out, 0..1
 */
export function splitByPerson(
  cases: readonly { readonly id: string; readonly set: string; readonly person: string }[],
  share: number,
): SplitFile {
  const isHeldOut = (person: string) => {
    const digest = createHash('sha256').update(`find-l3 split ${person}`).digest();
    return digest.readUInt32BE() / 2 ** 32 < share;
  };
  const persons = [...new Set(cases.map(({ person }) => person))].sort();
  const idsOf = (wanted: boolean) =>
    cases.filter(({ person }) => isHeldOut(person) === wanted).map(({ id }) => id);
  return {
    rules: [
      { role: 'held-out', cases: idsOf(true), reason: `a share of ${share} of the persons` },
      { role: 'train', cases: idsOf(false), reason: 'the rest' },
    ],
    persons: persons.map((person) => ({
      person,
      cases: cases.filter((each) => each.person === person).map(({ id }) => id),
    })),
    levelsYMm: {},
  };
}

/**
 * Cases that are to measure the model, of persons it is trained on, which makes them worthless.
 *
 * @param cases with the person that their source names; null: the split says who it is
 * @returns one line a case.
 */
export function sharedPersons(
  split: Split,
  cases: readonly { readonly id: string; readonly person: string | null }[],
): string[] {
  const known = cases.map(({ id, person }) => ({
    id,
    role: split.roleOf(id).role,
    person: person ?? split.personOf(id),
  }));
  const training = new Set(
    known.filter(({ role }) => role === 'train').map(({ person }) => person),
  );
  return known
    .filter(({ role, person }) => ['held-out', 'never'].includes(role) && training.has(person))
    .map(({ id, person }) => `${id} is held out, but ${person} is trained on`);
}
