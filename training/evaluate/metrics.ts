import type { Outcome } from './judge';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What a group of outcomes amounts to; null where nothing can be said. */
export interface Summary {
  readonly group: string;
  readonly cases: number;
  /** Cases in which L3 can be named. */
  readonly countable: number;
  readonly right: number;
  readonly wrongLevel: number;
  readonly missed: number;
  readonly abstained: number;
  readonly falseAnswers: number;
  readonly failed: number;
  /** Share of the countable cases that were answered. */
  readonly coverage: number | null;
  /** Share of wrong levels among the answers, with its 95 % Wilson interval. */
  readonly wrongLevelRate: number | null;
  readonly wrongLevelInterval: Interval | null;
  /** Absolute errors over all answers with a truth, wrong levels included, mm. */
  readonly medianErrorMm: number | null;
  readonly meanErrorMm: number | null;
  readonly p95ErrorMm: number | null;
  readonly shareBelow10Mm: number | null;
  /** Mean absolute error over the right answers, mm. */
  readonly meanErrorWhenRightMm: number | null;
  /** Right level of the likeliest place, answered or not. */
  readonly guessesRight: number;
  readonly guesses: number;
}

/** 95 % score interval of a proportion (E. B. Wilson, J. Am. Stat. Assoc. 1927). */
export function wilson(successes: number, trials: number): Interval | null {
  if (trials === 0) return null;
  const z = 1.959963984540054;
  const p = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (p + (z * z) / (2 * trials)) / denominator;
  const half =
    (z / denominator) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Quantile with linear interpolation between order statistics (Hyndman and Fan, type 7). */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

export function summarise(group: string, outcomes: readonly Outcome[]): Summary {
  const count = (test: (outcome: Outcome) => boolean) => outcomes.filter(test).length;
  const right = count(({ verdict }) => verdict === 'right');
  const wrongLevel = count(({ verdict }) => verdict === 'wrong-level');
  const missed = count(({ verdict }) => verdict === 'missed');
  const answered = right + wrongLevel;
  const countable = answered + missed;
  const errors = (keep: (outcome: Outcome) => boolean) =>
    outcomes.filter(keep).flatMap(({ errorMm }) => (errorMm === null ? [] : [Math.abs(errorMm)]));
  const all = errors(({ verdict }) => verdict === 'right' || verdict === 'wrong-level');
  return {
    group,
    cases: outcomes.length,
    countable,
    right,
    wrongLevel,
    missed,
    abstained: count(({ verdict }) => verdict === 'abstained'),
    falseAnswers: count(({ verdict }) => verdict === 'false-answer'),
    failed: count(({ verdict }) => verdict === 'failed'),
    coverage: countable === 0 ? null : answered / countable,
    wrongLevelRate: answered === 0 ? null : wrongLevel / answered,
    wrongLevelInterval: wilson(wrongLevel, answered),
    medianErrorMm: quantile(all, 0.5),
    meanErrorMm: mean(all),
    p95ErrorMm: quantile(all, 0.95),
    shareBelow10Mm: all.length === 0 ? null : all.filter((e) => e < 10).length / all.length,
    meanErrorWhenRightMm: mean(errors(({ verdict }) => verdict === 'right')),
    guessesRight: count(({ guessRight }) => guessRight === true),
    guesses: count(({ guessRight }) => guessRight !== null),
  };
}

/**
 * One summary over everything that is evidence, then one a role, then one a set and role; sets of one
 * scan go together.
 */
export function summariesOf(outcomes: readonly Outcome[]): Summary[] {
  const counted = outcomes.filter(({ role }) => role !== 'unused');
  const unseen = counted.filter(({ role }) => role !== 'train');
  const groups: Summary[] = [summarise('all unseen', unseen)];
  const add = (name: string, members: readonly Outcome[]) => {
    if (members.length > 0) groups.push(summarise(name, members));
  };
  const roles = { never: 'test set', 'held-out': 'held out', train: 'trained on' } as const;
  for (const [role, title] of Object.entries(roles)) {
    const members = counted.filter((outcome) => outcome.role === role);
    add(title, members);
    const sets = new Map<string, Outcome[]>();
    for (const outcome of members)
      sets.set(outcome.set, [...(sets.get(outcome.set) ?? []), outcome]);
    const names = [...sets.keys()].sort();
    for (const name of names)
      if (sets.get(name)!.length > 1) add(`${title}: ${name}`, sets.get(name)!);
    add(
      `${title}: single scans`,
      names.flatMap((name) => (sets.get(name)!.length === 1 ? sets.get(name)! : [])),
    );
  }
  return groups;
}

/**
 * Summaries of everything that is evidence and was not trained on, by modality, slice thickness, field
 * of view, source and what the answer was counted from.
 */
export function splitsOf(outcomes: readonly Outcome[]): Summary[] {
  const unseen = outcomes.filter(({ role }) => role !== 'unused' && role !== 'train');
  const keys: readonly [string, (outcome: Outcome) => string | null][] = [
    ['modality', ({ modality }) => modality],
    ['slices', thicknessOf],
    ['field of view', ({ fieldMm }) => band(fieldMm, [160, 240, 360, 480], 'mm')],
    ['source', ({ set }) => set],
    ['counted from', ({ countedFrom }) => countedFrom],
  ];
  return keys.flatMap(([title, keyOf]) => {
    const names = [...new Set(unseen.map(keyOf))].filter((name): name is string => name !== null);
    return names
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) =>
        summarise(
          `${title}: ${name}`,
          unseen.filter((outcome) => keyOf(outcome) === name),
        ),
      );
  });
}

function thicknessOf({ plane, thicknessMm }: Outcome): string | null {
  if (plane === 'sagittal') return 'sagittal';
  return band(thicknessMm, [1.5, 2.5, 4], 'mm');
}

/** The range that a value lies in, as "2.5 to 4 mm"; limits belong to the lower range. */
function band(value: number | null, limits: readonly number[], unit: string): string | null {
  if (value === null) return null;
  const below = limits.filter((limit) => value > limit).at(-1) ?? 0;
  const above = limits.find((limit) => value <= limit);
  return above === undefined ? `${below} ${unit} and more` : `${below} to ${above} ${unit}`;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;
}
