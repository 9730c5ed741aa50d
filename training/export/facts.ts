import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { DecisionSchema, UNCALIBRATED, type Decision } from '../../src/levels/decision';
import { spdxExpression } from '../../src/model/manifest';
import { finiteNumber, list, recordOf, strictObject, text } from '../../src/schema/schema';
import { readJsonFile } from '../tools/jsonFile';
import { readEvaluation, type Evaluation } from '../evaluate/evaluation';

/** SPDX expression where the terms of the weights are told in words only. */
export const UNSTATED_LICENCE = 'LicenseRef-see-model-card';

/** The settings of the decoder that are given, and the starting values for the others. */
const DecisionFacts = strictObject(
  Object.fromEntries(
    Object.entries(DecisionSchema.entries).map(([name, setting]) => [
      name,
      v.optional(setting, UNCALIBRATED[name as keyof Decision]),
    ]),
  ) as {
    [Name in keyof Decision]: v.OptionalSchema<(typeof DecisionSchema.entries)[Name], number>;
  },
);

/** What a person or `evaluate` knows about a model and the export cannot. */
const FactsSchema = strictObject({
  /** SPDX licence expression of the weights. */
  spdx: v.nullish(spdxExpression(), UNSTATED_LICENCE),
  licence: v.nullish(text(), 'Apache-2.0'),
  /** Every set with its licence; replaces the bare names of the sets that the run noted. */
  trainingData: v.nullish(list(text()), null),
  /** Command lines that made the run's items. */
  commands: v.nullish(list(text()), []),
  metrics: v.nullish(recordOf(finiteNumber()), {}),
  /** Null: not calibrated, starting values are written. */
  decision: v.nullish(DecisionFacts, null),
  notes: v.nullish(list(text()), []),
  /** Path of the report of `evaluate`, relative to the facts file. */
  evaluation: v.nullish(text(), null),
});

type FactsFile = v.InferOutput<typeof FactsSchema>;

export type Facts = {
  readonly [Name in keyof FactsFile]: Name extends 'evaluation'
    ? // What `evaluate` found out about this very model, case by case.
      Evaluation | null
    : FactsFile[Name];
};

/** Of a model about which nobody says anything. */
export const NO_FACTS: Facts = { ...v.parse(FactsSchema, {}), evaluation: null };

/**
 * Reads facts from JSON; every key may be missing. `evaluation` is the path of the
 * `evaluation.json` that `evaluate` wrote, relative to the facts file.
 *
 * @throws Error naming the file and the key that is wrong
 */
export function readFacts(file: string): Facts {
  const { evaluation, ...facts } = readJsonFile(file, FactsSchema);
  return {
    ...facts,
    evaluation: evaluation === null ? null : readEvaluation(resolve(dirname(file), evaluation)),
  };
}

/**
 * Facts with an evaluation of another model are no facts of this one.
 *
 * @param hash SHA-256 of the model file
 * @throws Error naming both models
 */
export function checkEvaluation({ evaluation }: Facts, hash: string): void {
  if (evaluation && evaluation.model.sha256 !== hash) {
    throw new Error(
      `The evaluation is of a model with the SHA-256 ${evaluation.model.sha256}, this one has ${hash}. Evaluate this one, or leave "evaluation" out of the facts. Nothing was written.`,
    );
  }
}
