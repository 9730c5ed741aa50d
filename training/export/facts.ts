import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DecisionSchema, UNCALIBRATED, type Decision } from '../../src/levels/decision';
import { check } from '../../src/schema/schema';
import { readEvaluation, type Evaluation } from './evaluation';

/** What a person or `evaluate` knows about a model and the export cannot. */
export interface Facts {
  /** SPDX licence expression of the weights. */
  readonly spdx: string;
  readonly licence: string;
  /** Every set with its licence; replaces the bare names of the sets that the run noted. */
  readonly trainingData: readonly string[] | null;
  /** Command lines that made the run's items. */
  readonly commands: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  /** Null: not calibrated, starting values are written. */
  readonly decision: Decision | null;
  readonly notes: readonly string[];
  /** What `evaluate` found out about this very model, case by case. */
  readonly evaluation: Evaluation | null;
}

/** SPDX expression where the terms of the weights are told in words only. */
export const UNSTATED_LICENCE = 'LicenseRef-see-model-card';

export const NO_FACTS: Facts = {
  spdx: UNSTATED_LICENCE,
  licence: 'Apache-2.0',
  trainingData: null,
  commands: [],
  metrics: {},
  decision: null,
  notes: [],
  evaluation: null,
};

/**
 * Reads facts from JSON; every key may be missing. `evaluation` is the path of the
 * `evaluation.json` that `evaluate` wrote, relative to the facts file.
 *
 * @throws Error naming the file and the key that is wrong
 */
export function readFacts(file: string): Facts {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not a readable JSON file: ${(cause as Error).message}`, { cause });
  }
  const fail = (key: string, must: string): never => {
    throw new Error(`${file}: "${key}" must be ${must}.`);
  };
  if (!isRecord(given)) throw new Error(`${file} must hold a JSON object.`);
  const unknown = Object.keys(given).filter((key) => !(key in NO_FACTS));
  if (unknown.length > 0) {
    throw new Error(
      `${file}: "${unknown.join('", "')}" is not known; known are ${Object.keys(NO_FACTS).join(', ')}.`,
    );
  }
  const facts = given;
  const read = <T>(
    key: keyof Facts,
    is: (value: unknown) => value is T,
    must: string,
  ): T | null => {
    const value = facts[key] ?? null;
    return value === null || is(value) ? value : fail(key, must);
  };
  const evaluation = read('evaluation', isText, 'the path of an evaluation.json');
  return {
    spdx: read('spdx', isText, 'an SPDX licence expression') ?? NO_FACTS.spdx,
    licence: read('licence', isText, 'a text') ?? NO_FACTS.licence,
    trainingData: read('trainingData', isTexts, 'a list of texts'),
    commands: read('commands', isTexts, 'a list of texts') ?? [],
    metrics: read('metrics', isNumbers, 'an object of numbers') ?? {},
    decision: facts.decision
      ? decisionOf(facts.decision, (fault) => new Error(`${file}: ${fault}.`))
      : null,
    notes: read('notes', isTexts, 'a list of texts') ?? [],
    evaluation: evaluation === null ? null : readEvaluation(resolve(dirname(file), evaluation)),
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && /\S/.test(value);

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNumbers = (value: unknown): value is Record<string, number> =>
  isRecord(value) && Object.values(value).every(Number.isFinite);

/** The settings that are given, and the starting values for the others. */
function decisionOf(given: unknown, error: (fault: string) => Error): Decision {
  if (!isRecord(given)) throw error('"decision" must be an object');
  const unknown = Object.keys(given).filter((key) => !(key in UNCALIBRATED));
  if (unknown.length > 0) {
    const known = Object.keys(UNCALIBRATED).join(', ');
    throw error(`"decision" must name settings of ${known}; it names ${unknown.join(', ')}`);
  }
  const checked = check(DecisionSchema, { ...UNCALIBRATED, ...given }, 'decision');
  if ('fault' in checked) throw error(`decision.${checked.fault}`);
  return checked.value;
}
