import shipped from '../../../models/l3-unet3plus/manifest.json';
import { decodeLevels } from '../../../src/levels/decodeLevels';
import { LEVEL_NAMES, type LevelEvidence, type LevelName } from '../../../src/levels/types';
import { evidenceOfSpine, madeUpSpine } from './madeUp';

const { decision } = shipped;
const spine = madeUpSpine({});
const SEEN = { heightMm: 460, sacrum: 0.9, rib: 0.9, own: 0.8 };

/** Evidence with the maps of some levels, or of any body (null), changed. */
function changed(
  evidence: LevelEvidence,
  levels: readonly (LevelName | null)[],
  change: (value: number) => number,
): LevelEvidence {
  const size = evidence.height * evidence.width;
  const maps = evidence.maps.slice();
  for (const level of levels) {
    const at = (level === null ? LEVEL_NAMES.length : LEVEL_NAMES.indexOf(level)) * size;
    for (let i = at; i < at + size; i++) maps[i] = change(maps[i]);
  }
  return { ...evidence, maps };
}
const reasonOf = (evidence: LevelEvidence, settings = decision) => {
  const { conclusion } = decodeLevels(evidence, settings);
  return conclusion.found ? 'found' : conclusion.reason.code;
};

test('a lumbar spine is one', () => {
  expect(reasonOf(evidenceOfSpine(spine, SEEN))).toBe('found');
});

test('where the levels’ own maps hardly answer, bodies and anchors make no lumbar spine', () => {
  const faint = changed(evidenceOfSpine(spine, SEEN), ['L2', 'L3', 'L4'], (value) => value * 0.4);
  expect(reasonOf(faint)).toBe('no-lumbar-spine');
  expect(reasonOf(faint, { ...decision, minLumbar: 0, minParted: -1 })).toBe('found');
});

test('bodies that no disc parts are no vertebrae', () => {
  const joined = changed(evidenceOfSpine(spine, SEEN), [null], (value) => Math.max(value, 0.75));
  const { basis } = decodeLevels(joined, decision);
  expect(basis.spine.lumbar).toBeGreaterThan(decision.minLumbar);
  expect(reasonOf(joined)).toBe('no-lumbar-spine');
});

test('where nothing answers above what passes for a sacrum, there is no lumbar spine and nothing is offered', () => {
  const silent = changed(evidenceOfSpine(spine, SEEN), ['L2', 'L3', 'L4'], () => 0.02);
  const { basis } = decodeLevels(silent, decision);
  expect(basis.from).not.toBeNull();
  expect(basis.responses.nearL3).toBeLessThan(decision.minNearL3);
  expect(reasonOf(silent)).toBe('no-lumbar-spine');
});

test('a picture without any vertebra shows no lumbar spine', () => {
  const { maps, ...seen } = evidenceOfSpine(spine, SEEN);
  expect(reasonOf({ ...seen, maps: maps.map((value) => value * 0.05) })).toBe('no-lumbar-spine');
});

test('of a chest it is said that L3 is not in view: its vertebrae are recognised', () => {
  expect(reasonOf(evidenceOfSpine(spine, { ...SEEN, heightMm: 215 }))).toBe('l3-not-in-view');
});
