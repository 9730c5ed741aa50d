import type { Series, Vec3 } from '../../src/series/types';
import type { Case, TrueLevel } from '../items/cases';
import type { Outcome, Verdict } from './judge';

/** People are of such sizes: a spine keeps its answer. Beyond, none is due and a right one is no fault. */
const SIZES_OF_PEOPLE = [0.85, 1.15] as const;

/** A case, larger or smaller. */
export interface Scaled {
  readonly truth: Case;
  readonly scale: number;
}

/**
 * The case as of a body of another size, under a name and in a set of its own.
 *
 * @param scales sizes relative to the scan's own
 */
export function scalesOf(truth: Case, scales: readonly number[]): Scaled[] {
  return scales.map((scale) => {
    const level = ({ name, zMm, yMm }: TrueLevel): TrueLevel => ({
      name,
      zMm: zMm * scale,
      yMm: yMm === null ? null : yMm * scale,
    });
    const [least, most] = SIZES_OF_PEOPLE;
    const isOfPeople = scale >= least && scale <= most;
    return {
      scale,
      truth: {
        ...truth,
        id: `${truth.id}@${scale}`,
        set: `${truth.set}@${scale}`,
        levels: truth.levels.map(level),
        lastRib: truth.lastRib && level(truth.lastRib),
        l3ZMm: truth.l3ZMm === null ? null : truth.l3ZMm * scale,
        toleranceMm: truth.toleranceMm === null ? null : truth.toleranceMm * scale,
        expected: truth.expected === 'found' && !isOfPeople ? 'either' : truth.expected,
      },
    };
  });
}

/** The series with all distances so many times as long, about the origin of the patient's coordinates. */
export function scaleSeries(series: Series, { scale }: Pick<Scaled, 'scale'>): Series {
  return {
    ...series,
    spacingMm: series.spacingMm * scale,
    slices: series.slices.map((slice) => ({
      ...slice,
      position: slice.position.map((mm) => mm * scale) as unknown as Vec3,
      rowSpacing: slice.rowSpacing * scale,
      columnSpacing: slice.columnSpacing * scale,
    })),
  };
}

const VERDICTS: readonly Verdict[] = [
  ...(['right', 'wrong-level', 'missed', 'abstained', 'false-answer', 'failed'] as const),
];

/** A row a scale: how often what came of it, and where a place was offered though there is no L3. */
export function scaleTable(outcomes: readonly Outcome[], scales: readonly number[]): string {
  const rows = scales.map((scale) => {
    const own = outcomes.filter(({ id }) => id.endsWith(`@${scale}`));
    const counts = VERDICTS.map((name) => own.filter(({ verdict }) => verdict === name).length);
    const offered = own.filter(
      ({ truthZMm, answerZMm, guessZMm }) =>
        truthZMm === null && answerZMm === null && guessZMm !== null,
    );
    return `| ${[scale, ...counts, offered.length].join(' | ')} |`;
  });
  const head = ['scale', ...VERDICTS, 'candidates without L3'];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => ' --- ').join('|')}|`, ...rows, ''].join(
    '\n',
  );
}
