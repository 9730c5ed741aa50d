import { phrase, type Phrase } from '../reasons/phrases';
import { lastRibMap, posteriorOfChain, type Anchor, type LevelPosterior } from './chain';
import type { Decision } from './decision';
import { OutputGrid, likeliestRow } from './outputGrid';
import type { CountedFrom, LevelCandidate, LevelEstimate, LevelEvidence, LevelName } from './types';
import {
  COUNTED,
  conclude,
  offsetPhrase,
  type Basis,
  type SpineEvidence,
  type Conclusion,
} from './conclusion';

const MAX_CANDIDATES = 4;
/** Levels whose maps show that a body is recognised where L3 is put, whichever way they count. */
const NEAR_L3: readonly LevelName[] = ['L2', 'L3', 'L4'];

export interface DecodedLevels {
  /** Levels inside the picture that are more likely there than not, head to foot; none where two counts disagree. */
  readonly levels: readonly LevelEstimate[];
  /** Where two counts disagree: the bodies under the names of the count from the sacrum; else none. */
  readonly bodies: readonly LevelEstimate[];
  /** The best place for L3 inside the picture, sure or not; null when there is none. */
  readonly l3: LevelEstimate | null;
  /** Why `l3` is offered when it is not sure. */
  readonly l3Because: readonly Phrase[];
  /** Probability that L3 lies inside the picture. */
  readonly inViewProbability: number;
  /** Other places for L3, likeliest first. */
  readonly candidates: readonly LevelCandidate[];
  readonly basis: Basis;
  readonly conclusion: Conclusion;
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
 * likely. How surely the two counts agree follows from their overlap and from how often people are
 * variants; where they overlap by less than a third, both places are offered and neither is preferred. Where the
 * last rib alone is seen, the levels' own maps (how lumbar vertebrae look) are heard as a second opinion: as
 * far as they put L3 elsewhere, the answer is shared between the two places. A committee is decoded by the mean
 * of its maps; the member that counts otherwise, and most surely, is heard as a doubt.
 *
 * @param mmPerPixel of the projection.
 */
export const decodeLevels: Decode = (evidence, decision, mmPerPixel = 2) => {
  const count = countLevels(evidence, decision, mmPerPixel);
  const { grid, basis, places, upwards } = count;
  const probability = withDissent(count, evidence, decision, mmPerPixel);
  const lineOf = (name: LevelName) => probability[evidence.levels.indexOf(name)];
  const likely = (lines: LevelPosterior['probability']) =>
    evidence.levels
      .map((name, l) => grid.estimate(name, lines[l]))
      .filter((level): level is LevelEstimate => level !== null && level.probability > 0.5);
  const levels = basis.conflictMm === null ? likely(probability) : [];
  const bodies = basis.conflictMm === null ? [] : likely(upwards);
  const q = lineOf('L3');
  const inViewProbability = grid.massInside(q);
  const peaks = grid.peaks('L3', q, MAX_CANDIDATES + 1);
  const l3 = peaks[0] ?? null;
  const countOf = (peak: LevelEstimate) =>
    (['last-rib', 'sacrum'] as const)
      .filter((anchor) => places && grid.isAbout(peak.row, places[anchor]))
      .map((anchor) => COUNTED[anchor]);
  const candidates = withinOne(l3, peaks.slice(1)).map((peak) => ({
    row: peak.row,
    column: peak.column,
    probability: peak.probability,
    because: [offsetPhrase((peak.row - l3!.row) * mmPerPixel), ...countOf(peak)],
  }));
  const other = candidates[0] ?? null;
  return {
    levels,
    bodies,
    l3,
    l3Because: [(l3 && countOf(l3)[0]) || phrase('likeliest')],
    inViewProbability,
    candidates,
    basis,
    conclusion: conclude({ basis, l3, inViewProbability, other }, decision),
  };
};

/** A numbering of the levels, and what it rests on. */
interface Count {
  readonly grid: OutputGrid;
  /** Posterior of each level. */
  readonly probability: LevelPosterior['probability'];
  readonly basis: Basis;
  /** Posterior rows of L3 by either count, where they are not the same vertebra. */
  readonly places: Readonly<Record<'sacrum' | 'last-rib', number>> | null;
  /** Posterior of each level counted up from the sacrum. */
  readonly upwards: LevelPosterior['probability'];
}

function countLevels(evidence: LevelEvidence, decision: Decision, mmPerPixel: number): Count {
  const { levels } = evidence;
  const indexOf = (name: LevelName) => levels.indexOf(name);
  const chain = (anchor: Anchor) => posteriorOfChain(evidence, mmPerPixel, decision, anchor);
  const sacrum = chain('sacrum');
  const grid = new OutputGrid(evidence, sacrum, mmPerPixel, decision);
  const ribMap = lastRibMap(evidence);
  const rib = ribMap === null ? null : chain('last-rib');
  const anchors = {
    sacrum: grid.responseAt(indexOf('S1'), sacrum.probability[indexOf('S1')]),
    lastRib: rib && grid.responseAt(ribMap!, rib.probability[indexOf('T12')]),
  };
  const resting = (
    { probability }: Pick<LevelPosterior, 'probability'>,
    from: CountedFrom | null,
    conflictMm: number | null = null,
    places: Count['places'] = null,
  ): Count => {
    const l3 = probability[indexOf('L3')];
    const near = NEAR_L3.map((name) => grid.responseAt(indexOf(name), l3));
    const responses = { ...anchors, nearL3: Math.max(...near) };
    const spine = spineEvidence(evidence, grid, probability);
    return {
      grid,
      probability,
      places,
      upwards: sacrum.probability,
      basis: { from, conflictMm, responses, spine },
    };
  };

  const seesSacrum = indexOf('S1') >= 0 && anchors.sacrum >= decision.minAnchor;
  if (!rib) return resting(sacrum, seesSacrum ? 'sacrum' : null);
  const bearer = likeliestRow(rib.probability[indexOf('T12')]) - rib.margin;
  const seesRibHead = bearer * evidence.stride * mmPerPixel >= decision.ribHeadMm;
  const seesRib = seesRibHead && anchors.lastRib! >= decision.minRibAnchor;
  if (!seesRib && seesSacrum) return resting(sacrum, 'sacrum');
  const own = chain('none');
  if (!seesRib) return resting(own, null);
  if (!seesSacrum) {
    const [counted, seen] = [rib, own].map(({ probability }) => probability[indexOf('L3')]);
    const sure = grid.massAbout(seen, likeliestRow(seen));
    const doubt = Math.max(0, sure - grid.overlap(seen, counted));
    return resting({ probability: mixture(rib, own, 1 - doubt / 2) }, 'last-rib');
  }

  // Compared at T12, where the ribs are seen: further down, either chain may have skipped a body.
  const overlap = grid.overlap(sacrum.probability[indexOf('T12')], rib.probability[indexOf('T12')]);
  const { variants } = decision;
  const same = (1 - variants) * overlap;
  const agreement = same / (same + variants * (1 - overlap));
  const both = chain('both');
  const apart = { probability: mixture(sacrum, rib, 0.5) };
  const [up, down] = [sacrum, rib].map((each) => likeliestRow(each.probability[indexOf('L3')]));
  const rows = { sacrum: up, 'last-rib': down };
  const places = grid.isSame(up, down) ? null : rows;
  if (overlap >= decision.agreement || !places) {
    return resting({ probability: mixture(both, apart, agreement) }, 'both', null, places);
  }
  const lowerMm = (up - down) * evidence.stride * mmPerPixel;
  return resting(apart, null, lowerMm, places);
}

/**
 * The posterior of each level, shared with that of the member of a committee that puts L3 most surely at
 * another vertebra of the picture. A member that sees nothing to count from has no voice.
 */
function withDissent(
  { grid, probability }: Count,
  evidence: LevelEvidence,
  decision: Decision,
  mmPerPixel: number,
): LevelPosterior['probability'] {
  const { members = [], levels } = evidence;
  const l3 = levels.indexOf('L3');
  if (members.length < 2 || !grid.isInside(probability[l3])) return probability;
  const answer = likeliestRow(probability[l3]);
  let dissent = 0;
  let dissenter = probability;
  for (const maps of members) {
    const own = countLevels({ ...evidence, maps }, decision, mmPerPixel);
    if (own.basis.from === null && own.basis.conflictMm === null) continue;
    const q = own.probability[l3];
    const elsewhere = own.grid.massInside(q) - own.grid.massAbout(q, answer);
    if (elsewhere <= dissent) continue;
    dissent = elsewhere;
    dissenter = own.probability;
  }
  const share = decision.dissent * dissent;
  return mixture({ probability }, { probability: dissenter }, 1 - share);
}

/** What speaks for a lumbar spine where a count puts it, whatever it was counted from. */
function spineEvidence(
  { levels }: LevelEvidence,
  grid: OutputGrid,
  probability: LevelPosterior['probability'],
): SpineEvidence {
  const own = levels.map((_, l) => grid.responseAt(l, probability[l]));
  const known = NEAR_L3.map((name) => levels.indexOf(name)).filter((l) => l >= 0);
  const inside = known.filter((l) => grid.isInside(probability[l]));
  const total = inside.reduce((sum, l) => sum + own[l], 0);
  const lumbar = inside.length < 2 ? 0 : total / inside.length;
  const valleys = known
    .slice(1)
    .flatMap((l, i) => grid.valleyBetween(probability[known[i]], probability[l]) ?? []);
  const parted = valleys.length === 0 ? -1 : lumbar - Math.max(...valleys);
  return { lumbar, parted, seen: own.slice().sort((a, b) => b - a)[1] ?? 0 };
}

/** Each level's posterior: `share` of one and the rest of the other. */
function mixture(
  one: Pick<LevelPosterior, 'probability'>,
  other: Pick<LevelPosterior, 'probability'>,
  share: number,
): Float64Array[] {
  return one.probability.map((line, l) =>
    line.map((p, r) => share * p + (1 - share) * other.probability[l][r]),
  );
}

/** Other places cannot be likelier together than what the best one leaves. */
function withinOne(best: LevelEstimate | null, others: readonly LevelEstimate[]): LevelEstimate[] {
  const total = others.reduce((sum, { probability }) => sum + probability, 0);
  const left = 1 - (best?.probability ?? 0);
  const share = total > left ? left / total : 1;
  return others.map((each) => ({ ...each, probability: share * each.probability }));
}
