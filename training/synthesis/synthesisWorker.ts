import { parentPort, workerData } from 'node:worker_threads';
import type { TrainingItem } from '../prepare/item';
import type { SpineCurve } from './spineCurves';
import { synthesizeItem } from './synthesizeItem';

/** What all spines of a `Synthesizer` have in common. */
export interface SpineSeries {
  readonly seed: number;
  /** Real spine curves, or null to sample them from the published steps. */
  readonly curves: readonly SpineCurve[] | null;
  /** Share of numbering variants; as among people where missing. */
  readonly variants?: number;
}

export interface SynthesisResult {
  readonly index: number;
  readonly item: TrainingItem;
}

const { seed, curves, variants } = workerData as SpineSeries;
parentPort!.on('message', (index: number) => {
  const item = synthesizeItem(seed, index, curves, variants);
  const planes = [item.max, item.mean, ...(item.lateral ? [item.lateral] : [])];
  parentPort!.postMessage(
    { index, item } satisfies SynthesisResult,
    planes.map(({ buffer }) => buffer as ArrayBuffer),
  );
});
