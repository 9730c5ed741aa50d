import { decodeLevels } from '../../src/levels/decodeLevels';
import { openModelPackage } from '../../src/model/node';
import { caseOfItem, projectionOfItem } from '../evaluate/itemCase';
import type { SpineCurve } from '../synthesis/spineCurves';
import { synthesizeItem } from '../synthesis/synthesizeItem';
import { Random } from '../tools/random';
import { givenData, serveJobs } from '../tools/serveJobs';
import { drawField } from './field';
import { ANCHORS, type Reading, type Sample } from './sample';

/** What all samples have in common. */
export interface CalibrationSetup {
  /** Folder of the model package. */
  readonly model: string;
  readonly seed: number;
  readonly curves: readonly SpineCurve[] | null;
}

/** Crops are drawn from streams beyond those of the items. */
const FIELD_STREAM = 1 << 24;

const { model: folder, seed, curves } = givenData<CalibrationSetup>();
const opening = openModelPackage(folder);

serveJobs(async (index: number): Promise<Sample> => {
  const model = await opening;
  const { channels, mmPerPixel } = model.manifest.input;
  const item = synthesizeItem(seed, index, curves);
  const { field, view } = drawField(item, Random.ofStream(seed, FIELD_STREAM + index));
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
  return { truth: caseOfItem(item, view), field, readings };
});
