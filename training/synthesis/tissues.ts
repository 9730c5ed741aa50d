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

/** Contrasts of MR as limbs, heads and necks are imaged: fat, marrow, muscle, fluid, cartilage, brain, each from low to high. */
const CONTRASTS: readonly Readonly<
  Record<'fat' | 'marrow' | 'muscle' | 'fluid' | 'cartilage' | 'brain', readonly [number, number]>
>[] = [
  // T1
  {
    ...{ fat: [0.75, 1], marrow: [0.55, 0.9], muscle: [0.2, 0.4] },
    ...{ fluid: [0.08, 0.25], cartilage: [0.3, 0.55], brain: [0.35, 0.6] },
  },
  // T2
  {
    ...{ fat: [0.5, 0.85], marrow: [0.4, 0.75], muscle: [0.1, 0.25] },
    ...{ fluid: [0.8, 1], cartilage: [0.2, 0.5], brain: [0.3, 0.5] },
  },
  // Proton density
  {
    ...{ fat: [0.65, 0.95], marrow: [0.55, 0.85], muscle: [0.3, 0.5] },
    ...{ fluid: [0.6, 0.95], cartilage: [0.45, 0.75], brain: [0.5, 0.7] },
  },
  // STIR
  {
    ...{ fat: [0, 0.1], marrow: [0.03, 0.2], muscle: [0.2, 0.4] },
    ...{ fluid: [0.85, 1], cartilage: [0.35, 0.6], brain: [0.4, 0.6] },
  },
  // Proton density with the fat suppressed
  {
    ...{ fat: [0.05, 0.2], marrow: [0.08, 0.25], muscle: [0.35, 0.55] },
    ...{ fluid: [0.8, 1], cartilage: [0.5, 0.8], brain: [0.5, 0.7] },
  },
];

/** One of T1, T2, proton density, STIR and fat-suppressed proton density. */
export function contrastTissues(random: Random): Tissues {
  const contrast = random.pick(CONTRASTS);
  const of = (what: keyof typeof contrast) => random.uniform(...contrast[what]);
  return {
    ...{ modality: 'MR', air: 0, gas: 0, calcification: 0, window: null },
    ...{ muscle: of('muscle'), fat: of('fat'), organ: of('brain'), bladder: of('fluid') },
    ...{ vessel: random.uniform(0, 0.4), contrast: 0.4, marrow: of('marrow') },
    ...{ cortex: random.uniform(0, 0.1), disc: of('cartilage'), nucleus: of('fluid') },
    ...{ canal: of('fluid'), noise: random.uniform(0.01, 0.07) },
  };
}
