import { LEVEL_NAMES, type LevelEvidence, type LevelName } from '../../../src/levels/types';

const STRIDE = 2;
const MM = 2;
const WIDTH = 14;
const COLUMN = 6;
/** Standard deviation of a heap of heat, mm. */
const SIGMA = 8;

/** Height of a body below the one above, mm: thoracic to the last rib, then lumbar-type bodies. */
const THORACIC = [21, 21, 22, 22, 23, 24, 24, 26, 28];
const LUMBAR = [31, 33, 34, 36, 35, 33];
const TO_SACRUM = 27;

/** Heights from the top of the picture, mm; every count is made on its own from these. */
export interface MadeUpSpine {
  /** Centres of the rib-bearing bodies, head to foot; the last bears the last rib. */
  readonly thoracic: readonly number[];
  readonly lumbar: readonly number[];
  readonly s1: number;
}

/** A spine of `lumbar` lumbar-type vertebrae whose last rib lies at `lastRibMm`. */
export function madeUpSpine({ lumbar = 5, size = 1, lastRibMm = 180 } = {}): MadeUpSpine {
  const thoracic = [lastRibMm];
  for (const step of [...THORACIC].reverse()) thoracic.unshift(thoracic[0] - size * step);
  const below: number[] = [];
  let at = lastRibMm;
  for (const step of LUMBAR.slice(0, lumbar)) below.push((at += size * step));
  return { thoracic, lumbar: below, s1: at + size * TO_SACRUM };
}

/** The third vertebra below the last rib-bearing one, mm. */
export const thirdBelowRibs = ({ lumbar }: MadeUpSpine): number => lumbar[2];

/** The third vertebra above the sacrum's upper one (L5, L4, L3), mm. */
export const thirdAboveSacrum = ({ thoracic, lumbar }: MadeUpSpine): number =>
  [...thoracic, ...lumbar].at(-3)!;

export interface Look {
  readonly heightMm?: number;
  /** Peak of the last rib's map; null: the network has none. */
  readonly rib?: number | null;
  /** Body that the last rib's map shows, counted from the true one, positive downwards. */
  readonly ribOffset?: number;
  /** Peak of the map of S1 (and of L5). */
  readonly sacrum?: number;
  /** Peak of the other levels' own maps, which count from the sacrum. */
  readonly own?: number;
  /** The other levels' own maps count from the last rib, as they are taught where no sacrum is seen. */
  readonly ownFromRib?: boolean;
  readonly sigmaMm?: number;
  /** Added to every value: a function of the index. */
  readonly noise?: (index: number) => number;
}

/** What a network would answer to a picture of the spine: a heap of heat at each body. */
export function evidenceOfSpine(spine: MadeUpSpine, look: Look = {}): LevelEvidence {
  const { heightMm = 480, rib = 0.9, ribOffset = 0, sacrum = 0.9, own = 0.6 } = look;
  const bodies = [...spine.thoracic, ...spine.lumbar, spine.s1];
  const height = Math.floor(heightMm / (STRIDE * MM));
  const body = LEVEL_NAMES.length;
  const maps = new Float32Array((body + (rib === null ? 1 : 2)) * height * WIDTH).fill(0.01);
  const paint = (map: number, zMm: number, peak: number) => {
    if (zMm < 0 || zMm > heightMm) return;
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < WIDTH; c++) {
        const dz = (STRIDE * r + 0.5) * MM - zMm;
        const dy = (c - COLUMN) * STRIDE * MM;
        const i = (map * height + r) * WIDTH + c;
        const heat = peak * Math.exp(-(dz * dz + dy * dy) / (2 * (look.sigmaMm ?? SIGMA) ** 2));
        maps[i] = Math.max(maps[i], heat);
      }
    }
  };
  bodies.forEach((z, i) => {
    paint(body, z, 0.9);
    const name = look.ownFromRib
      ? LEVEL_NAMES[LEVEL_NAMES.indexOf('T12') + i - (spine.thoracic.length - 1)]
      : nameFromSacrum(i - bodies.length);
    if (name) paint(LEVEL_NAMES.indexOf(name), z, name === 'S1' || name === 'L5' ? sacrum : own);
  });
  if (rib !== null) paint(body + 1, bodies[spine.thoracic.length - 1 + ribOffset], rib);
  const { noise } = look;
  if (noise) maps.forEach((value, i) => (maps[i] = Math.min(1, Math.max(0, value + noise(i)))));
  return { levels: LEVEL_NAMES, maps, lastRib: rib !== null, height, width: WIDTH, stride: STRIDE };
}

/** -1 is S1, -2 L5, ... as the training items count. */
function nameFromSacrum(fromEnd: number): LevelName | undefined {
  return LEVEL_NAMES.at(fromEnd) && -fromEnd <= LEVEL_NAMES.length
    ? LEVEL_NAMES.at(fromEnd)
    : undefined;
}

/** Height of a place in the picture, mm from the top. */
export const heightOf = ({ row }: { readonly row: number }): number => row * MM;

/** Uniform noise of a seed: a linear congruential generator (Numerical Recipes) over the index. */
export function noiseOf(seed: number, amplitude: number): (index: number) => number {
  return (index) => {
    let state = (seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0;
    for (let k = 0; k < 3; k++) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return amplitude * ((state >>> 8) / 2 ** 24);
  };
}
