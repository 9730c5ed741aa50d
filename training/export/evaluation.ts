import { readFileSync } from 'node:fs';

/** The part of `evaluate`'s report that goes on a model card; lengths in mm. */
export interface Evaluation {
  readonly model: { readonly sha256: string };
  readonly outcomes: readonly EvaluatedCase[];
}

export interface EvaluatedCase {
  readonly id: string;
  readonly set: string;
  readonly modality: string;
  /** Whether the model was trained on it, see `prepare/splits.ts`. */
  readonly role: string;
  readonly verdict: string;
  readonly errorMm: number | null;
  readonly probability: number | null;
}

/** @throws Error naming the file when it is not a report of `evaluate` */
export function readEvaluation(file: string): Evaluation {
  try {
    const { model, outcomes } = JSON.parse(readFileSync(file, 'utf8')) as Evaluation;
    if (typeof model.sha256 !== 'string' || !outcomes.every(isCase)) throw new Error('other keys');
    return { model, outcomes };
  } catch (cause) {
    throw new Error(`${file} is not the evaluation.json that "evaluate" writes.`, { cause });
  }
}

const isCase = (each: EvaluatedCase): boolean =>
  [each.id, each.set, each.modality, each.role, each.verdict].every(
    (value) => typeof value === 'string',
  ) && [each.errorMm, each.probability].every((value) => value === null || Number.isFinite(value));
