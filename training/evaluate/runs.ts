import type { Decode } from '../../src/levels/decodeLevels';
import { findL3 } from '../../src/finder/findL3';
import type { LevelModel } from '../../src/model/types';
import type { Series } from '../../src/series/types';
import { GRID_MM } from '../items/toItem';
import type { Case } from '../items/cases';
import type { TrainingItem } from '../items/item';
import { openCase } from '../items/openCase';
import type { Role } from '../items/splits';
import { caseOfItem, projectionOfItem } from './itemCase';
import { factsOf, failure, judge, judgeAnswer, type Outcome } from './judge';
import { drawOutcome } from './pictures';

/** What came of a case; `picture` draws it (a PNG file's bytes), null where there is none to draw. */
export interface Run {
  readonly outcome: Outcome;
  readonly picture: (() => Uint8Array) | null;
}

/**
 * Runs a model on a scan by the path of the command line: readers, projection, ONNX, decoding.
 *
 * @param part of its series to run on alone
 */
export async function runCase(
  truth: Case,
  role: Role,
  model: LevelModel,
  decode: Decode,
  part?: (series: Series) => Series,
): Promise<Run> {
  try {
    const { series, source } = await openCase(truth, part);
    const finding = await findL3({ series, source, model, decode });
    const outcome = judge(truth, role, finding, factsOf(finding));
    if (finding.status === 'refused') return { outcome, picture: null };
    const { projection, levels } = finding;
    return { outcome, picture: () => drawOutcome(truth, outcome, projection, levels) };
  } catch (error) {
    return { outcome: failure(truth, role, (error as Error).message), picture: null };
  }
}

/** Runs a model on the stored planes of an item, and decodes as the viewer does. */
export async function runItem(
  item: TrainingItem,
  role: Role,
  model: LevelModel,
  decode: Decode,
): Promise<Run> {
  const truth = caseOfItem(item);
  const { input, decision } = model.manifest;
  if (input.mmPerPixel !== GRID_MM) {
    throw new Error(
      `${model.manifest.name} wants ${input.mmPerPixel} mm a pixel; items have ${GRID_MM}.`,
    );
  }
  const projection = projectionOfItem(item, input.channels);
  try {
    const start = performance.now();
    const evidence = await model.run(projection);
    const decoded = decode(evidence, decision, GRID_MM);
    const milliseconds = performance.now() - start;
    const placeOf = <T extends { readonly row: number }>(place: T) => ({
      ...place,
      zMm: -GRID_MM * place.row,
    });
    const place = decoded.l3 && placeOf(decoded.l3);
    const { conclusion } = decoded;
    const answer = {
      status: conclusion.found ? ('found' as const) : ('undetermined' as const),
      l3: conclusion.found ? place : null,
      guess: conclusion.found || conclusion.reason.code !== 'l3-not-in-view' ? place : null,
      countedFrom: conclusion.found ? conclusion.countedFrom : null,
      reason: conclusion.found ? null : conclusion.reason.code,
      milliseconds,
    };
    const facts = { plane: null, thicknessMm: null, fieldMm: GRID_MM * item.height };
    const outcome = judgeAnswer(truth, role, answer, facts);
    const levels = decoded.levels.map(placeOf);
    return { outcome, picture: () => drawOutcome(truth, outcome, projection, levels) };
  } catch (error) {
    return { outcome: failure(truth, role, (error as Error).message), picture: null };
  }
}

/** The case that a view of it was made from, as the split names it. */
export function caseIdOf({ id }: TrainingItem): string {
  return id.replace(/-slab[+-]\d+w\d+$/, '');
}
