import { decodeLevels } from '../levels/decodeLevels';
import type { LevelEvidence } from '../levels/types';
import type { Projection } from '../projection/types';
import type { ModelManifest } from './manifest';

/** What a manifest keeps of the network's answer to `knownSeries`. */
export type KnownAnswer = ModelManifest['knownAnswer'];

/** The highest value of a map and where it is (output grid; the first one in reading order). */
interface Peak {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/**
 * The highest value of each map, as the manifest keeps it.
 *
 * @param maps any number of maps of height x width values, one after the other
 */
function peaksOf(maps: Float32Array, height: number, width: number): Peak[] {
  const size = height * width;
  return Array.from({ length: maps.length / size }, (_, index) => {
    const map = maps.subarray(index * size, (index + 1) * size);
    let best = 0;
    for (let i = 1; i < size; i++) if (map[i] > map[best]) best = i;
    return { row: Math.floor(best / width), column: best % width, value: map[best] };
  });
}

/** Other arithmetic may move the level so far, mm, and its probability so much. */
const LEVEL_TOLERANCE = { mm: 2, probability: 0.1 } as const;

/**
 * The known answer of a model: what it makes of `knownSeries`, from the maps to the level. The level is
 * left out where the model is not sure of it, for other arithmetic could then choose another place.
 *
 * @param evidence the network's answer to `knownProjection`
 * @param tolerance of the values of the maps
 */
export function knownAnswerOf(
  manifest: Pick<ModelManifest, 'decision'>,
  evidence: LevelEvidence,
  projection: Projection,
  { seed, tolerance }: Pick<KnownAnswer, 'seed' | 'tolerance'>,
): KnownAnswer {
  const { found, level } = decodedLevel(manifest, evidence, projection);
  const surely = manifest.decision.minProbability + LEVEL_TOLERANCE.probability;
  return {
    seed,
    peaks: peaksOf(evidence.maps, evidence.height, evidence.width),
    tolerance,
    level: found && level && level.probability >= surely ? level : null,
  };
}

/**
 * Compares what a runtime answered with what the manifest expects.
 *
 * Two places of almost equal height may swap ranks between runtimes, so the expected place must
 * hold the expected value and no other place may rise above it, both within the tolerance.
 *
 * @param evidence the network's answer to `knownProjection`
 * @returns what differs, or null when the answer is right
 */
export function knownAnswerMismatch(
  manifest: Pick<ModelManifest, 'decision' | 'knownAnswer'>,
  evidence: LevelEvidence,
  projection: Projection,
): string | null {
  const { maps, height, width } = evidence;
  const { knownAnswer } = manifest;
  const found = peaksOf(maps, height, width);
  for (const [index, peak] of knownAnswer.peaks.entries()) {
    const there = maps[(index * height + peak.row) * width + peak.column];
    const wrongThere = !(Math.abs(there - peak.value) <= knownAnswer.tolerance);
    if (wrongThere || !(found[index].value - peak.value <= knownAnswer.tolerance)) {
      const value = wrongThere ? there : found[index].value;
      const place = wrongThere ? peak : found[index];
      return (
        `map ${index} is ${value.toPrecision(4)} at row ${place.row}, column ${place.column}, ` +
        `expected ${peak.value.toPrecision(4)} at row ${peak.row}, column ${peak.column}`
      );
    }
  }
  return levelMismatch(knownAnswer.level, decodedLevel(manifest, evidence, projection).level);
}

function levelMismatch(expected: KnownAnswer['level'], found: KnownAnswer['level']): string | null {
  if (!expected) return null;
  const isThere =
    found !== null &&
    Math.abs(found.zMm - expected.zMm) <= LEVEL_TOLERANCE.mm &&
    Math.abs(found.probability - expected.probability) <= LEVEL_TOLERANCE.probability;
  if (isThere) return null;
  const said = (level: KnownAnswer['level']) =>
    level
      ? `at ${level.zMm.toFixed(1)} mm with a probability of ${level.probability.toFixed(3)}`
      : 'nowhere';
  return `L3 is decoded ${said(found)}, expected ${said(expected)}`;
}

function decodedLevel(
  { decision }: Pick<ModelManifest, 'decision'>,
  evidence: LevelEvidence,
  { topZMm, mmPerPixel }: Projection,
): { readonly found: boolean; readonly level: KnownAnswer['level'] } {
  if (!evidence.levels.includes('L3')) return { found: false, level: null };
  const { conclusion, l3 } = decodeLevels(evidence, decision, mmPerPixel);
  const level = l3 && { zMm: topZMm - l3.row * mmPerPixel, probability: l3.probability };
  return { found: conclusion.found, level };
}
