import { readFileSync } from 'node:fs';
import type { ModelManifest } from '../../src/model/types';

/** What a person or `evaluate` knows about a model and the export cannot. */
export interface Facts {
  readonly licence: string;
  /** Replaces the list of sets that the run was trained on. */
  readonly trainingData: readonly string[] | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** Null: not calibrated, starting values are written. */
  readonly decision: ModelManifest['decision'] | null;
  readonly notes: readonly string[];
}

export const UNCALIBRATED: ModelManifest['decision'] = {
  minInView: 0.5,
  minProbability: 0.6,
  minAnchor: 0.3,
};

export const NO_FACTS: Facts = {
  licence: 'Apache-2.0',
  trainingData: null,
  metrics: {},
  decision: null,
  notes: [],
};

/** Reads facts from JSON; every key may be missing. @throws Error naming the file */
export function readFacts(file: string): Facts {
  let facts: Partial<Facts>;
  try {
    facts = JSON.parse(readFileSync(file, 'utf8')) as Partial<Facts>;
  } catch (cause) {
    throw new Error(`${file} is not a readable JSON file: ${(cause as Error).message}`, { cause });
  }
  const unknown = Object.keys(facts).filter((key) => !(key in NO_FACTS));
  if (unknown.length > 0) {
    throw new Error(
      `${file}: "${unknown.join('", "')}" is not known; known are ${Object.keys(NO_FACTS).join(', ')}.`,
    );
  }
  return { ...NO_FACTS, ...facts };
}
