import { LEVEL_NAMES, type LevelName } from './types';

/**
 * Head-to-foot distance between the centres of neighbouring vertebral bodies, mm: mean, and standard
 * deviation among people of equal body size. Measured on keypoints of 2,116 CT scans (ImFusion VID,
 * CC BY-SA 4.0); L5-S1 on 64 MR and CT images read by eye.
 */
export const SPACING_BELOW: Readonly<
  Partial<Record<LevelName, { readonly meanMm: number; readonly sdMm: number }>>
> = {
  T9: { meanMm: 24.4, sdMm: 2.0 },
  T10: { meanMm: 26.1, sdMm: 2.0 },
  T11: { meanMm: 28.4, sdMm: 2.2 },
  T12: { meanMm: 30.9, sdMm: 2.8 },
  L1: { meanMm: 32.8, sdMm: 2.3 },
  L2: { meanMm: 34.4, sdMm: 2.2 },
  L3: { meanMm: 35.8, sdMm: 2.2 },
  L4: { meanMm: 35.3, sdMm: 3.0 },
  L5: { meanMm: 27.0, sdMm: 5.0 },
};

/** Body size relative to the mean, as a grid with prior probabilities (1-99 % of people: 0.83-1.17). */
export const BODY_SIZES: readonly { readonly size: number; readonly probability: number }[] =
  (() => {
    const sizes = Array.from({ length: 9 }, (_, i) => 0.76 + 0.06 * i);
    const weights = sizes.map((size) => Math.exp(-0.5 * ((size - 1) / 0.1) ** 2));
    const total = weights.reduce((a, b) => a + b, 0);
    return sizes.map((size, i) => ({ size, probability: weights[i] / total }));
  })();

/**
 * Probability of each step in output rows (index 0 = a step of one row) from every level to the
 * next, for one body size.
 */
export function stepKernels(
  levels: readonly LevelName[],
  mmPerRow: number,
  size: number,
): Float64Array[] {
  const steps = Math.ceil(60 / mmPerRow);
  return levels.slice(0, -1).map((name) => {
    const prior = SPACING_BELOW[name];
    if (!prior) throw new RangeError(`No spacing is known below ${name}`);
    // The grid's own rounding widens the distribution by its standard deviation, step / sqrt(12).
    const sd = Math.hypot(prior.sdMm, mmPerRow / Math.sqrt(12));
    const weights = Float64Array.from({ length: steps }, (_, i) =>
      Math.exp(-0.5 * (((i + 1) * mmPerRow - prior.meanMm * size) / sd) ** 2),
    );
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w) => w / total + 1e-6);
  });
}

/** @throws RangeError when the names are not a run of LEVEL_NAMES, head to foot. */
export function checkLevelOrder(levels: readonly LevelName[]): void {
  const first = LEVEL_NAMES.indexOf(levels[0]);
  if (levels.some((name, i) => LEVEL_NAMES[first + i] !== name)) {
    throw new RangeError(`Levels must be neighbours, head to foot, not ${levels.join(' ')}`);
  }
}
