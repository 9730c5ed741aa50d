import { reason, type Reason } from '../reasons/reasons';
import { lastRibMap, posteriorOfChain, type LevelPosterior } from './chain';
import { OutputGrid, likeliestRow } from './outputGrid';
import type { CountedFrom, LevelCandidate, LevelEstimate, LevelEvidence, LevelName } from './types';

/** A neighbouring vertebra lies about this far away, mm. */
const NEIGHBOUR_MM = 35;
const MAX_CANDIDATES = 4;
/** Two counts agree where each gives their common place for L3 at least this probability. */
const MIN_SUPPORT = 1 / 3;

const COUNTED = {
  sacrum: 'counted up from the sacrum',
  'last-rib': 'counted down from the last rib',
} as const;

/** Thresholds that belong to a model (its manifest's `decision`). */
export interface Decision {
  readonly minInView: number;
  readonly minProbability: number;
  readonly minAnchor: number;
  readonly minRibAnchor: number;
  /** The logit of each level's probability is divided by this; 1 where it is missing. */
  readonly temperature?: number;
}

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
  readonly verdict:
    | { readonly found: true; readonly countedFrom: CountedFrom }
    | { readonly found: false; readonly reason: Reason };
}

/** Names the levels of evidence; `decodeLevels`, or another way to compare it with. */
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
  const count = countLevels(evidence, decision, mmPerPixel);
  const { grid, probability } = count;
  const named = count.conflict ? [] : evidence.levels;
  const levels = named
    .map((name) => grid.estimate(name, probability(name)))
    .filter((level): level is LevelEstimate => level !== null && level.probability > 0.5);
  const q = probability('L3');
  const inViewProbability = grid.massInside(q);
  const peaks = grid.peaks('L3', q, MAX_CANDIDATES + 1);
  const l3 = peaks[0] ?? null;
  const whyOf = (peak: LevelEstimate) =>
    (['last-rib', 'sacrum'] as const)
      .filter((anchor) => count.conflict && grid.isAbout(peak.row, count.conflict[anchor]))
      .map((anchor) => COUNTED[anchor])
      .join();
  const candidates = withinOne(l3, peaks.slice(1)).map((peak) => ({
    row: peak.row,
    column: peak.column,
    probability: peak.probability,
    why: [describe((peak.row - l3!.row) * mmPerPixel), whyOf(peak)].filter(Boolean).join(', '),
  }));
  const seen = { evidence, count, l3, inViewProbability, candidates, decision };
  return {
    levels,
    l3,
    l3Why: (l3 && whyOf(l3)) || 'the likeliest place',
    inViewProbability,
    candidates,
    verdict: judge(seen),
  };
};

/** A numbering of the levels, and what it rests on. */
interface Count {
  readonly grid: OutputGrid;
  readonly probability: (name: LevelName) => Float64Array;
  readonly from: CountedFrom | null;
  /** Posterior rows of L3 by either count, where the two disagree, and how much lower the sacrum's is. */
  readonly conflict:
    (Readonly<Record<'sacrum' | 'last-rib', number>> & { readonly lowerMm: number }) | null;
}

function countLevels(evidence: LevelEvidence, decision: Decision, mmPerPixel: number): Count {
  const { levels } = evidence;
  const sacrum = posteriorOfChain(evidence, mmPerPixel, 'sacrum');
  const grid = new OutputGrid(evidence, sacrum, mmPerPixel, decision.temperature ?? 1);
  const by =
    (posterior: LevelPosterior) =>
    (name: LevelName): Float64Array =>
      posterior.probability[levels.indexOf(name)];
  const resting = (
    posterior: LevelPosterior,
    from: Count['from'],
    conflict: Count['conflict'] = null,
  ): Count => ({ grid, probability: by(posterior), from, conflict });

  const s1 = levels.indexOf('S1');
  const seesSacrum = s1 >= 0 && grid.responseAt(s1, by(sacrum)('S1')) >= decision.minAnchor;
  const ribMap = lastRibMap(evidence);
  if (ribMap === null) return resting(sacrum, seesSacrum ? 'sacrum' : null);

  const rib = posteriorOfChain(evidence, mmPerPixel, 'last-rib');
  const seesRib = grid.responseAt(ribMap, by(rib)('T12')) >= decision.minRibAnchor;
  if (!seesRib) {
    if (seesSacrum) return resting(sacrum, 'sacrum');
    return resting(posteriorOfChain(evidence, mmPerPixel, 'none'), null);
  }
  if (!seesSacrum) return resting(rib, 'last-rib');

  const both = posteriorOfChain(evidence, mmPerPixel, 'both');
  const common = likeliestRow(by(both)('L3'));
  const counts = [sacrum, rib];
  if (counts.every((each) => grid.massAbout(by(each)('L3'), common) >= MIN_SUPPORT)) {
    return resting(both, 'both');
  }
  const [up, down] = counts.map((each) => likeliestRow(by(each)('L3')));
  const lowerMm = (up - down) * evidence.stride * mmPerPixel;
  return resting(evenly(sacrum, rib), null, { sacrum: up, 'last-rib': down, lowerMm });
}

/** Two posteriors of the same grid, neither preferred. */
function evenly(a: LevelPosterior, b: LevelPosterior): LevelPosterior {
  const probability = a.probability.map((line, l) =>
    line.map((p, r) => (p + b.probability[l][r]) / 2),
  );
  return { ...a, probability };
}

function judge(seen: {
  evidence: LevelEvidence;
  count: Count;
  l3: LevelEstimate | null;
  inViewProbability: number;
  candidates: readonly LevelCandidate[];
  decision: Decision;
}): DecodedLevels['verdict'] {
  const { l3, decision, inViewProbability, count, evidence } = seen;
  const no = (...args: Parameters<typeof reason>) => ({
    found: false as const,
    reason: reason(...args),
  });
  const seesRibs = lastRibMap(evidence) !== null;
  // Without an anchor a network that is blind to ribs does not know a chest from a lumbar spine.
  const share = count.from === null && (count.conflict || !seesRibs) ? 0.5 : 1;
  if (!l3 || inViewProbability < decision.minInView * share) return no('l3-not-in-view');
  if (count.conflict) {
    const offset = describe(count.conflict.lowerMm);
    return no('ambiguous', {
      detail: `${COUNTED.sacrum}, L3 is ${offset} than ${COUNTED['last-rib']}`,
    });
  }
  if (count.from === null) {
    return no('cannot-count', {
      detail: seesRibs
        ? 'neither the sacrum nor the last rib is in view'
        : 'the sacrum is not in view',
    });
  }
  if (l3.probability < decision.minProbability) {
    const [other] = seen.candidates;
    const percent = (p: number) => `${Math.round(100 * p)} %`;
    return other
      ? no('ambiguous', {
          detail: `${percent(l3.probability)} against ${percent(other.probability)} ${other.why}`,
        })
      : no('cannot-count', {
          detail: `the best place for L3 has a probability of ${percent(l3.probability)} only`,
        });
  }
  return { found: true, countedFrom: count.from };
}

/** Other places cannot be likelier together than what the best one leaves. */
function withinOne(best: LevelEstimate | null, others: readonly LevelEstimate[]): LevelEstimate[] {
  const total = others.reduce((sum, { probability }) => sum + probability, 0);
  const left = 1 - (best?.probability ?? 0);
  const share = total > left ? left / total : 1;
  return others.map((each) => ({ ...each, probability: share * each.probability }));
}

function describe(offsetMm: number): string {
  const vertebrae = Math.round(Math.abs(offsetMm) / NEIGHBOUR_MM);
  const count = ['less than one vertebra', 'one vertebra', 'two vertebrae', 'three vertebrae'];
  const words = count[vertebrae] ?? `${vertebrae} vertebrae`;
  return `${words} ${offsetMm < 0 ? 'higher' : 'lower'}`;
}
