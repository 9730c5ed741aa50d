import { parentPort, workerData } from 'node:worker_threads';
import type { TrainingItem } from '../prepare/item';
import type { SpineCurve } from './spineCurves';
import { synthesizeItem } from './synthesizeItem';

/** What one worker is asked for: the items `first`, `first + step`, ... below `count`. */
export interface SynthesisShare {
  readonly seed: number;
  readonly count: number;
  readonly first: number;
  readonly step: number;
  readonly curves: readonly SpineCurve[] | null;
  readonly variants: number | undefined;
}

export interface SynthesisResult {
  readonly index: number;
  readonly item: TrainingItem;
}

const share = workerData as SynthesisShare;
for (let index = share.first; index < share.count; index += share.step) {
  const item = synthesizeItem(share.seed, index, share.curves, share.variants);
  const result: SynthesisResult = { index, item };
  parentPort!.postMessage(result, [
    item.max.buffer as ArrayBuffer,
    item.mean.buffer as ArrayBuffer,
    ...(item.lateral ? [item.lateral.buffer as ArrayBuffer] : []),
  ]);
}
