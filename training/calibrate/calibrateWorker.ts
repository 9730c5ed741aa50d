import { parentPort, workerData } from 'node:worker_threads';
import { decodeLevels } from '../../src/levels/decodeLevels';
import { openModelPackage } from '../../src/model/node';
import { caseOfItem, projectionOfItem } from '../evaluate/itemCase';
import { Random } from '../synthesis/random';
import type { SpineCurve } from '../synthesis/spineCurves';
import { synthesizeItem } from '../synthesis/synthesizeItem';
import { drawField } from './field';
import { ANCHORS, type Reading, type Sample } from './sample';

/** What one worker is asked for: the samples `first`, `first + step`, ... below `count`. */
export interface CalibrationShare {
  readonly model: string;
  readonly seed: number;
  readonly count: number;
  readonly first: number;
  readonly step: number;
  readonly curves: readonly SpineCurve[] | null;
}

/** Crops are drawn from streams beyond those of the items. */
const FIELD_STREAM = 1 << 24;

const share = workerData as CalibrationShare;
const model = await openModelPackage(share.model);
const { channels, mmPerPixel } = model.manifest.input;
for (let index = share.first; index < share.count; index += share.step) {
  const item = synthesizeItem(share.seed, index, share.curves);
  const { field, view } = drawField(item, new Random(share.seed, FIELD_STREAM + index));
  const evidence = await model.run(projectionOfItem(item, channels, view));
  // One reading for each set of anchors that thresholds may admit.
  const readings = ANCHORS.map(({ sacrum, lastRib }): Reading => {
    const decided = {
      ...model.manifest.decision,
      temperature: 1,
      minInView: 0,
      minProbability: 0,
      minAnchor: sacrum ? 0 : 2,
      minRibAnchor: lastRib ? 0 : 2,
    };
    const { basis, l3, inViewProbability, candidates } = decodeLevels(
      evidence,
      decided,
      mmPerPixel,
    );
    return {
      basis,
      l3: l3 && { zMm: -mmPerPixel * l3.row, sdMm: l3.sdMm, probability: l3.probability },
      inViewProbability,
      other: candidates[0] ?? null,
    };
  });
  const sample: Sample = { truth: caseOfItem(item, view), field, readings };
  parentPort!.postMessage({ index, sample });
}
await model.dispose();
