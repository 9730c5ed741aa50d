import { lastRibMap, posteriorOfChain, type LevelPosterior } from './chain';
import { OutputGrid, likeliestRow } from './outputGrid';
import type { CountedFrom, LevelCandidate, LevelEstimate, LevelEvidence, LevelName } from './types';
import { COUNTED, judge, offsetText, type Basis, type Decision, type Verdict } from './verdict';

const MAX_CANDIDATES = 4;
/** Two counts agree where each gives their common place for L3 at least this probability. */
const MIN_SUPPORT = 1 / 3;

export interface DecodedLevels {
  /** Levels inside the picture that are more likely there than not, head to foot; none where two counts disagree. */
  readonly levels: readonly LevelEstimate[];
  /** The best place for L3 inside the picture, sure or not; null when there is none. */
  readonly l3: LevelEstimate | null;
  /** Why `l3` is offered when it is not sure. */
  readonly l3Why: string;
  /** Probability that L3 lies inside the picture. */
  readonly inViewProbability: number;
  /** Other places for L3, likeliest first. */
  readonly candidates: readonly LevelCandidate[];
  readonly basis: Basis;
  readonly verdict: Verdict;
}

/** Names the levels of evidence: `decodeLevels`, or what it is compared with. */
export type Decode = (
  evidence: LevelEvidence,
  decision: Decision,
  mmPerPixel?: number,
) => DecodedLevels;

/**
 * Names the levels: posterior over the chain of levels, the peak refined below the grid by the
 * responses' centroid, and the decision whether the level can be named at all.
 *
 * Rows and columns are those of the projection. L3 is named only when it is in view, the count has
 * an anchor (the sacrum, the last rib, or both in agreement) and no other numbering is nearly as
 * likely. Where the two anchors disagree, both places are offered and neither is preferred.
 *
 * @param mmPerPixel of the projection.
 */
export const decodeLevels: Decode = (evidence, decision, mmPerPixel = 2) => {
  const { grid, posterior, basis, conflict } = countLevels(evidence, decision, mmPerPixel);
  const probability = (name: LevelName) => posterior.probability[evidence.levels.indexOf(name)];
  const levels = (conflict ? [] : evidence.levels)
    .map((name) => grid.estimate(name, probability(name)))
    .filter((level): level is LevelEstimate => level !== null && level.probability > 0.5);
  const q = probability('L3');
  const inViewProbability = grid.massInside(q);
  const peaks = grid.peaks('L3', q, MAX_CANDIDATES + 1);
  const l3 = peaks[0] ?? null;
  const countOf = (peak: LevelEstimate) =>
    (['last-rib', 'sacrum'] as const)
      .filter((anchor) => conflict && grid.isAbout(peak.row, conflict[anchor]))
      .map((anchor) => COUNTED[anchor]);
  const candidates = withinOne(l3, peaks.slice(1)).map((peak) => ({
    row: peak.row,
    column: peak.column,
    probability: peak.probability,
    why: [offsetText((peak.row - l3!.row) * mmPerPixel), ...countOf(peak)].join(', '),
  }));
  const other = candidates[0] ?? null;
  return {
    levels,
    l3,
    l3Why: (l3 && countOf(l3)[0]) || 'the likeliest place',
    inViewProbability,
    candidates,
    basis,
    verdict: judge({ basis, l3, inViewProbability, other }, decision),
  };
};

/** A numbering of the levels, and what it rests on. */
interface Count {
  readonly grid: OutputGrid;
  readonly posterior: LevelPosterior;
  readonly basis: Basis;
  /** Posterior rows of L3 by either count, where the two disagree. */
  readonly conflict: Readonly<Record<'sacrum' | 'last-rib', number>> | null;
}

function countLevels(evidence: LevelEvidence, decision: Decision, mmPerPixel: number): Count {
  const { levels } = evidence;
  const line = (posterior: LevelPosterior, name: LevelName) =>
    posterior.probability[levels.indexOf(name)];
  const sacrum = posteriorOfChain(evidence, mmPerPixel, 'sacrum');
  const grid = new OutputGrid(evidence, sacrum, mmPerPixel, decision.temperature ?? 1);
  const s1 = levels.indexOf('S1');
  const ribMap = lastRibMap(evidence);
  const rib = ribMap === null ? null : posteriorOfChain(evidence, mmPerPixel, 'last-rib');
  const responses = {
    sacrum: s1 < 0 ? 0 : grid.responseAt(s1, line(sacrum, 'S1')),
    lastRib: rib && grid.responseAt(ribMap!, line(rib, 'T12')),
  };
  const resting = (posterior: LevelPosterior, from: CountedFrom | null): Count => ({
    grid,
    posterior,
    basis: { from, conflictMm: null, responses },
    conflict: null,
  });

  const seesSacrum = s1 >= 0 && responses.sacrum >= decision.minAnchor;
  if (!rib) return resting(sacrum, seesSacrum ? 'sacrum' : null);
  const seesRib = responses.lastRib! >= decision.minRibAnchor;
  if (!seesRib && !seesSacrum) return resting(posteriorOfChain(evidence, mmPerPixel, 'none'), null);
  if (!seesRib) return resting(sacrum, 'sacrum');
  if (!seesSacrum) return resting(rib, 'last-rib');

  const both = posteriorOfChain(evidence, mmPerPixel, 'both');
  const common = likeliestRow(line(both, 'L3'));
  if ([sacrum, rib].every((each) => grid.massAbout(line(each, 'L3'), common) >= MIN_SUPPORT)) {
    return resting(both, 'both');
  }
  const [up, down] = [sacrum, rib].map((each) => likeliestRow(line(each, 'L3')));
  const conflictMm = (up - down) * evidence.stride * mmPerPixel;
  return {
    grid,
    posterior: evenly(sacrum, rib),
    basis: { from: null, conflictMm, responses },
    conflict: { sacrum: up, 'last-rib': down },
  };
}

/** Two posteriors of the same grid, neither preferred. */
function evenly(a: LevelPosterior, b: LevelPosterior): LevelPosterior {
  const probability = a.probability.map((line, l) =>
    line.map((p, r) => (p + b.probability[l][r]) / 2),
  );
  return { ...a, probability };
}

/** Other places cannot be likelier together than what the best one leaves. */
function withinOne(best: LevelEstimate | null, others: readonly LevelEstimate[]): LevelEstimate[] {
  const total = others.reduce((sum, { probability }) => sum + probability, 0);
  const left = 1 - (best?.probability ?? 0);
  const share = total > left ? left / total : 1;
  return others.map((each) => ({ ...each, probability: share * each.probability }));
}
