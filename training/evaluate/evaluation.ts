import * as v from 'valibot';
import { list, numberFrom, object, textLike } from '../../src/schema/schema';
import { readJsonFile } from '../tools/jsonFile';

const name = v.string('must be a text');

/** The part of `evaluate`'s report that goes on a model card; lengths in mm. */
const EvaluationSchema = object({
  model: object({ sha256: textLike(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits') }),
  outcomes: list(
    object({
      id: name,
      set: name,
      modality: name,
      /** Whether the model was trained on it, see `items/splits.ts`. */
      role: name,
      verdict: name,
      errorMm: v.nullable(numberFrom(-1e6, 1e6)),
      probability: v.nullable(numberFrom(0, 1)),
    }),
  ),
});

export type Evaluation = Readonly<v.InferOutput<typeof EvaluationSchema>>;
export type EvaluatedCase = Readonly<Evaluation['outcomes'][number]>;

/** @throws Error naming the file, and the field that a report of `evaluate` has otherwise */
export function readEvaluation(file: string): Evaluation {
  try {
    return readJsonFile(file, EvaluationSchema);
  } catch (cause) {
    throw new Error(
      `${file} is not the evaluation.json that "evaluate" writes. ${(cause as Error).message}`,
      { cause },
    );
  }
}
