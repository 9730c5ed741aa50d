import type { Random } from '../tools/random';

/** Intensities of one picture: HU for CT-like, 0..1 for MR-like ones. */
export interface Tissues {
  readonly modality: 'CT' | 'MR';
  readonly air: number;
  readonly gas: number;
  readonly muscle: number;
  readonly fat: number;
  readonly organ: number;
  readonly bladder: number;
  readonly vessel: number;
  readonly calcification: number;
  readonly contrast: number;
  /** Marrow: the spongy inside of a bone. */
  readonly marrow: number;
  readonly cortex: number;
  readonly disc: number;
  /** Core of the disc; tells from the rest in MR only. */
  readonly nucleus: number;
  readonly canal: number;
  /** Standard deviation of the noise of one slice. */
  readonly noise: number;
  /** Low and high end of what becomes 0..1; null means percentiles of the picture. */
  readonly window: readonly [number, number] | null;
}

export function ctTissues(random: Random): Tissues {
  const u = (low: number, high: number) => random.uniform(low, high);
  const contrastPhase = random.chance(0.5);
  return {
    modality: 'CT',
    air: -1000,
    gas: -950,
    muscle: u(35, 65),
    fat: u(-115, -85),
    organ: u(40, 120),
    bladder: u(0, 30),
    vessel: contrastPhase ? u(100, 380) : u(35, 60),
    calcification: u(400, 1000),
    contrast: u(150, 700),
    marrow: u(70, 270),
    cortex: u(350, 1000),
    disc: u(55, 115),
    nucleus: 0,
    canal: u(5, 40),
    noise: u(8, 60),
    window: [-200, 800],
  };
}

/** T1- or T2-weighted, a fifth of them with the fat suppressed. */
export function mrTissues(random: Random): Tissues {
  const u = (low: number, high: number) => random.uniform(low, high);
  const t2 = random.chance(0.6);
  const fatSuppressed = random.chance(0.2);
  return {
    modality: 'MR',
    air: 0,
    gas: 0,
    muscle: u(0.1, 0.35),
    fat: fatSuppressed ? u(0.05, 0.2) : u(0.5, 1),
    organ: u(0.2, 0.5),
    bladder: t2 ? u(0.5, 1) : u(0.1, 0.3),
    vessel: u(0, 0.3),
    calcification: 0,
    contrast: u(0.2, 0.5),
    marrow: fatSuppressed ? u(0.12, 0.35) : u(0.25, 0.8),
    cortex: u(0, 0.12),
    disc: u(0.05, 0.45),
    nucleus: t2 ? u(0.3, 0.9) : u(0.1, 0.4),
    canal: t2 ? u(0.6, 1) : u(0.02, 0.25),
    noise: u(0.01, 0.06),
    window: null,
  };
}
