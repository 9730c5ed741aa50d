import { decodeLevels } from '../../../src/levels/decodeLevels';
import { UNCALIBRATED, type Decision } from '../../../src/levels/decision';
import type { LevelEvidence } from '../../../src/levels/types';
import { evidenceOfSpine, heightOf, madeUpSpine, thirdAboveSacrum, type Look } from './madeUp';

const DECISION: Decision = { ...UNCALIBRATED, minProbability: 0.75 };
/** The ribs are out of view: all is counted from the sacrum. */
const LOOK: Look = { rib: 0.02 };
const spine = madeUpSpine();
/** To this network L5 looks like the sacrum. */
const shifted = madeUpSpine({ lumbar: 4 });

const usual = evidenceOfSpine(spine, LOOK);
const other = evidenceOfSpine(shifted, LOOK);

function committee(...members: readonly LevelEvidence[]): LevelEvidence {
  const maps = members[0].maps.map(
    (_, i) => members.reduce((sum, each) => sum + each.maps[i], 0) / members.length,
  );
  return { ...members[0], maps, members: members.map((each) => each.maps) };
}

const decode = (evidence: LevelEvidence, change: Partial<Decision> = {}) =>
  decodeLevels(evidence, { ...DECISION, ...change });

it('answers as one where its members agree', () => {
  expect(decode(committee(usual, usual, usual))).toEqual(decode(usual));
});

describe('where one of three counts otherwise, though the mean of them is sure', () => {
  const apart = committee(usual, usual, other);
  const { l3, candidates, conclusion, levels } = decode(apart);

  it('names no level, and offers both places', () => {
    const mean = { ...apart, members: undefined };
    expect(decode(mean).conclusion.found).toBe(true);
    expect(conclusion).toMatchObject({ found: false, reason: { code: 'ambiguous' } });
    expect(Math.abs(heightOf(l3!) - thirdAboveSacrum(spine))).toBeLessThan(3);
    expect(Math.abs(heightOf(candidates[0]) - thirdAboveSacrum(shifted))).toBeLessThan(4);
    expect(l3!.probability).toBeGreaterThan(candidates[0].probability);
    expect(levels.every(({ probability }) => probability < DECISION.minProbability)).toBe(true);
  });

  it('by as much as the manifest says', () => {
    expect(decode(apart, { dissent: 0 }).conclusion.found).toBe(true);
    const [some, all] = [0.2, 1].map((dissent) => decode(apart, { dissent }).l3!);
    expect(heightOf(some)).toBeCloseTo(heightOf(l3!), 5);
    expect(some.probability).toBeGreaterThan(l3!.probability);
    expect(Math.abs(heightOf(all) - thirdAboveSacrum(shifted))).toBeLessThan(4);
  });
});

it('does not hear a member that sees nothing to count from', () => {
  const blind = evidenceOfSpine(shifted, { ...LOOK, sacrum: 0.05 });
  const asked = committee(usual, usual, blind);
  const mean = { ...asked, members: undefined };
  expect(decode(asked).conclusion).toEqual(decode(mean).conclusion);
  expect(decode(asked).l3!.probability).toBeCloseTo(decode(mean).l3!.probability, 4);
});
