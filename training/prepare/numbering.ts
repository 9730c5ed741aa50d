import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import type { Vec3 } from '../../src/series/types';
import type { Expected, TrueLevel } from '../items/cases';

/** A vertebra as an atlas of masks names it, e.g. `T12`, `T13`, `L6`, `S1`. */
export interface LabelledBody {
  readonly name: string;
  /** Centre of the body, LPS mm. */
  readonly centre: Vec3;
}

/** Vertebrae head to foot under the names that ribs give them: T13 and L6 are the variants. */
const ANATOMICAL = [
  ...Array.from({ length: 7 }, (_, i) => `C${i + 1}`),
  ...Array.from({ length: 13 }, (_, i) => `T${i + 1}`),
  ...Array.from({ length: 6 }, (_, i) => `L${i + 1}`),
  'S1',
];
/** Whether two bodies can be neighbours, by the distance of their centres, mm. */
const NEIGHBOURS_MM = { least: 12, most: 60 } as const;
/** T11 and L1 of the largest body are further apart when there is a T12 between them. */
const ONE_STEP_MM = 44;

export interface Numbered {
  /** Neighbouring levels, head to foot, under the names of a count from the sacrum. */
  readonly levels: readonly TrueLevel[];
  readonly lastRib: TrueLevel | null;
  readonly l3ZMm: number | null;
  readonly expected: Expected;
}

/**
 * Renames vertebrae by this project's convention: levels count from the sacrum, so the body above S1
 * is L5, whatever the source calls it (L6, or L4 of a spine with four); `lastRib` keeps what ribs say.
 * Where the two disagree nobody can say which is L3, and a right answer is undetermined. Without S1
 * in view the source's names stand, except that a labelled L6 lies above the sacrum.
 *
 * @param bodies in any order
 * @param ribsCounted whether the source's T12 (or T13) is by its ribs
 * @throws Error saying which bodies are not in the order of their names
 */
export function countFromSacrum(bodies: readonly LabelledBody[], ribsCounted: boolean): Numbered {
  const known = bodies
    .filter(({ name }) => ANATOMICAL.includes(name))
    .sort((a, b) => ANATOMICAL.indexOf(a.name) - ANATOMICAL.indexOf(b.name));
  for (let i = 1; i < known.length; i++) {
    if (known[i].centre[2] >= known[i - 1].centre[2]) {
      throw new Error(`${known[i].name} does not lie below ${known[i - 1].name}`);
    }
  }
  const sacrum = known.findIndex(({ name }) => name === 'S1');
  const vertebrae = withoutGap(sacrum < 0 ? known : known.slice(0, sacrum));
  const lowest = vertebrae[vertebrae.length - 1];
  const aboveSacrum =
    lowest !== undefined &&
    (lowest.name === 'L6' || (sacrum >= 0 && areNeighbours(lowest, known[sacrum])));
  const named: LabelledBody[] = aboveSacrum
    ? vertebrae.flatMap((body, i) => {
        const name = LEVEL_NAMES[LEVEL_NAMES.indexOf('L5') - (vertebrae.length - 1 - i)];
        return name ? [{ ...body, name }] : [];
      })
    : vertebrae.filter(({ name }) => LEVEL_NAMES.includes(name as LevelName));
  const withSacrum = sacrum >= 0 ? [...named, known[sacrum]] : named;
  const levels = withSacrum.map(({ name, centre }): TrueLevel => ({
    name: name as LevelName,
    zMm: centre[2],
    yMm: centre[1],
  }));
  const rib = ribsCounted ? lastRibOf(vertebrae) : undefined;
  const lastRib = levels.find(({ zMm }) => rib && zMm === rib.centre[2]) ?? null;
  const l3ZMm = levels.find(({ name }) => name === 'L3')?.zMm ?? null;
  return { levels, lastRib, l3ZMm, expected: expectedOf(levels, lastRib, l3ZMm) };
}

/** The lowest vertebrae up to the first that is missing: above it nothing can be counted from below. */
function withoutGap(vertebrae: readonly LabelledBody[]): LabelledBody[] {
  const run: LabelledBody[] = [];
  for (const body of [...vertebrae].reverse()) {
    if (run.length > 0 && !followsDirectly(body, run[0])) break;
    run.unshift(body);
  }
  return run;
}

/** Neighbours by name; T13 is there in few people, and a spine with eleven ribs goes from T11 to L1. */
function followsDirectly(above: LabelledBody, below: LabelledBody): boolean {
  if (!areNeighbours(above, below)) return false;
  const step = ANATOMICAL.indexOf(below.name) - ANATOMICAL.indexOf(above.name);
  if (step === 1 || (above.name === 'T12' && below.name === 'L1')) return true;
  return above.name === 'T11' && below.name === 'L1' && apartMm(above, below) < ONE_STEP_MM;
}

/** The lowest thoracic vertebra, if a lumbar one below it shows that it is the lowest. */
function lastRibOf(vertebrae: readonly LabelledBody[]): LabelledBody | undefined {
  const firstLumbar = vertebrae.findIndex(({ name }) => name === 'L1');
  const above = vertebrae[firstLumbar - 1];
  return above && /^T1[123]$/.test(above.name) && areNeighbours(above, vertebrae[firstLumbar])
    ? above
    : undefined;
}

function expectedOf(
  levels: readonly TrueLevel[],
  lastRib: TrueLevel | null,
  l3ZMm: number | null,
): Expected {
  if (l3ZMm === null || (lastRib && lastRib.name !== 'T12')) return 'undetermined';
  const anchored = lastRib || levels.some(({ name }) => name === 'S1');
  return anchored ? 'found' : 'either';
}

const apartMm = ({ centre: [, y, z] }: LabelledBody, { centre: [, v, w] }: LabelledBody): number =>
  Math.hypot(y - v, z - w);

function areNeighbours(above: LabelledBody, below: LabelledBody): boolean {
  const apart = apartMm(above, below);
  return apart >= NEIGHBOURS_MM.least && apart <= NEIGHBOURS_MM.most;
}
