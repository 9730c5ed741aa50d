import type { ModelIdentity } from '../../src/model/types';
import type { Outcome } from './judge';
import { csvOf, number, table } from './tables';

/** One case and what two models made of it. */
export interface Pair {
  readonly id: string;
  readonly set: string;
  readonly role: Outcome['role'];
  readonly first: Outcome;
  readonly second: Outcome;
}

/** Cases by whether either model did well, and how likely so uneven a split is by chance. */
export interface PairedCounts {
  readonly what: string;
  readonly both: number;
  readonly firstOnly: number;
  readonly secondOnly: number;
  readonly neither: number;
  /** Two-sided exact test of McNemar: the discordant pairs against a fair coin. */
  readonly p: number;
}

export interface Comparison {
  readonly first: ModelIdentity;
  readonly second: ModelIdentity;
  readonly counts: readonly PairedCounts[];
  readonly pairs: readonly Pair[];
}

/**
 * Pairs two models case by case; the counts are over evidence that the split keeps from training.
 *
 * @throws Error when a case is missing on either side
 */
export function compareOutcomes(
  first: { readonly model: ModelIdentity; readonly outcomes: readonly Outcome[] },
  second: { readonly model: ModelIdentity; readonly outcomes: readonly Outcome[] },
): Comparison {
  const others = new Map(second.outcomes.map((outcome) => [outcome.id, outcome]));
  const pairs = first.outcomes.map((outcome): Pair => {
    const other = others.get(outcome.id);
    if (!other) throw new Error(`${outcome.id} was not run on ${second.model.name}.`);
    const { id, set, role } = outcome;
    return { id, set, role, first: outcome, second: other };
  });
  const unseen = pairs.filter(({ role }) => role !== 'train' && role !== 'unused');
  const named = unseen.filter(({ first: { expected } }) => expected !== 'undetermined');
  return {
    first: first.model,
    second: second.model,
    counts: [
      pairedCounts(
        'right level named, where it can be',
        named,
        ({ verdict }) => verdict === 'right',
      ),
      pairedCounts('likeliest place is L3', named, ({ guessRight }) => guessRight === true),
      pairedCounts(
        'no wrong level and no false answer',
        unseen,
        ({ verdict }) => !['wrong-level', 'false-answer', 'failed'].includes(verdict),
      ),
    ],
    pairs,
  };
}

function pairedCounts(
  what: string,
  pairs: readonly Pair[],
  isGood: (outcome: Outcome) => boolean,
): PairedCounts {
  const count = (first: boolean, second: boolean) =>
    pairs.filter((pair) => isGood(pair.first) === first && isGood(pair.second) === second).length;
  const [firstOnly, secondOnly] = [count(true, false), count(false, true)];
  const p = mcnemar(firstOnly, secondOnly);
  return { what, both: count(true, true), firstOnly, secondOnly, neither: count(false, false), p };
}

/** Two-sided exact p of McNemar's test (Q. McNemar, Psychometrika 1947; binomial form). */
export function mcnemar(b: number, c: number): number {
  const n = b + c;
  let [term, tail] = [0.5 ** n, 0];
  for (let k = 0; k <= Math.min(b, c); k++) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return Math.min(1, 2 * tail);
}

/** The comparison as Markdown: counts, then the cases that came out differently. */
export function comparisonMarkdown({ first, second, counts, pairs }: Comparison): string {
  const nameOf = ({ name, version, sha256 }: ModelIdentity) =>
    `${name} ${version} (\`${sha256.slice(0, 12)}\`)`;
  const text = (outcome: Outcome) =>
    [outcome.verdict, number(outcome.errorMm), number(outcome.probability, 2)]
      .filter(Boolean)
      .join(', ');
  const differing = pairs.filter((pair) => pair.first.verdict !== pair.second.verdict);
  return [
    `# ${nameOf(first)} against ${nameOf(second)}`,
    '',
    'Over cases that were not trained on. p: two-sided exact test of McNemar on the cases that only one' +
      ' of them got; with few such cases it says little.',
    '',
    table(
      ['', 'both', 'only the first', 'only the second', 'neither', 'p'],
      counts.map(({ what, both, firstOnly, secondOnly, neither, p }) => [
        what,
        both,
        firstOnly,
        secondOnly,
        neither,
        p.toFixed(3),
      ]),
    ),
    '',
    `${differing.length} of ${pairs.length} cases came out differently (verdict, error in mm, probability):`,
    '',
    table(
      ['case', 'role', 'first', 'second'],
      differing.map((pair) => [pair.id, pair.role, text(pair.first), text(pair.second)]),
    ),
    '',
  ].join('\n');
}

/** Every pair as comma-separated values. */
export function comparisonCsv({ pairs }: Comparison): string {
  return csvOf(
    pairs.map(({ id, set, role, first, second }) => ({
      id,
      set,
      role,
      firstVerdict: first.verdict,
      secondVerdict: second.verdict,
      firstErrorMm: first.errorMm,
      secondErrorMm: second.errorMm,
      firstProbability: first.probability,
      secondProbability: second.probability,
    })),
  );
}
