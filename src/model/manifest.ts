import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { LEVEL_NAMES, type LevelName } from '../levels/types';
import type { ChannelName, IntensityWindow } from '../projection/types';
import { ModelError } from './modelError';
import { mapCount, type ModelManifest } from './types';

const FORMAT = 'find-l3-model/1';
const CHANNELS: readonly ChannelName[] = ['max', 'mean', 'mix', 'lateral'];

/**
 * Reads a `manifest.json` as it was fetched or read from a disk.
 *
 * @param bytes of the file
 * @param where what to call the file in an error (a path or URL)
 * @returns the manifest with the file's own SHA-256
 * @throws ModelError ('manifest') where it is no JSON, or as `parseManifest`
 */
export function readManifest(bytes: Uint8Array, where: string): ModelManifest {
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const found = /^\s*</.test(text) ? 'a web page' : 'something that is no JSON';
    throw new ModelError(
      'manifest',
      `${where} holds ${found} instead of a model manifest; check where the model package was copied to`,
      { cause: error },
    );
  }
  return { ...parseManifest(json, where), manifestSha256: bytesToHex(sha256(bytes)) };
}

/**
 * Checks the content of a `manifest.json`.
 *
 * @param json the parsed JSON
 * @param where what to call the file in an error (a path or URL)
 * @throws ModelError ('manifest') that names the first wrong field, what it must be, and what it is
 */
export function parseManifest(json: unknown, where = 'manifest.json'): ModelManifest {
  const root = new Field(json, '', where);
  const format = root.get('format');
  if (format.value !== FORMAT) format.fail(`must be "${FORMAT}"`);
  const input = root.get('input');
  const output = root.get('output');
  const decision = root.get('decision');
  const temperature = decision.get('temperature');
  const knownAnswer = root.get('knownAnswer');
  const levels = output.get('levels').list(levelName);
  const ordered = LEVEL_NAMES.filter((name) => levels.includes(name));
  if (levels.length !== ordered.length || levels.some((name, i) => name !== ordered[i])) {
    output.get('levels').fail('must name each level once, head to foot');
  }
  const stride = output.get('stride').integer(1);
  const multipleOf = input.get('multipleOf').integer(1);
  if (multipleOf % stride !== 0) {
    input.get('multipleOf').fail(`must be a multiple of output.stride (${stride})`);
  }
  const height = knownAnswer.get('height').multiple(multipleOf);
  const width = knownAnswer.get('width').multiple(multipleOf);
  const peaks = knownAnswer.get('peaks').list((peak) => ({
    row: peak.get('row').integer(0, height / stride - 1),
    column: peak.get('column').integer(0, width / stride - 1),
    value: peak.get('value').number(0, 1),
  }));
  const answer = {
    name: output.get('name').text(),
    levels,
    lastRib: output.get('lastRib').flag(false),
    stride,
  };
  if (peaks.length !== mapCount(answer)) {
    knownAnswer.get('peaks').fail(`must hold one peak a map (${mapCount(answer)})`);
  }
  return {
    format: FORMAT,
    name: root.get('name').text(),
    version: root.get('version').text(),
    file: root.get('file').text(/^[\w-][\w.-]*$/, 'a plain file name beside the manifest'),
    sha256: root.get('sha256').text(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    bytes: root.get('bytes').integer(1),
    opset: root.get('opset').integer(1),
    input: {
      name: input.get('name').text(),
      channels: input.get('channels').list(channelName, 1),
      mmPerPixel: input.get('mmPerPixel').positive(),
      multipleOf,
      windows: {
        CT: intensityWindow(input.get('windows').get('CT')),
        MR: intensityWindow(input.get('windows').get('MR')),
      },
    },
    output: answer,
    decision: {
      minInView: decision.get('minInView').number(0, 1),
      minProbability: decision.get('minProbability').number(0, 1),
      minAnchor: decision.get('minAnchor').number(0, 1),
      minRibAnchor: decision.get('minRibAnchor').or(decision.get('minAnchor')).number(0, 1),
      ...(temperature.value === undefined ? {} : { temperature: temperature.positive() }),
    },
    knownAnswer: {
      seed: knownAnswer.get('seed').integer(),
      height,
      width,
      peaks,
      tolerance: knownAnswer.get('tolerance').positive(),
    },
    licence: root.get('licence').text(),
    trainingData: root.get('trainingData').list((entry) => entry.text()),
    parameters: root.get('parameters').integer(1),
    metrics: root.get('metrics').numbers(),
  };
}

function levelName(field: Field): LevelName {
  const name = LEVEL_NAMES.find((level) => level === field.value);
  return name ?? field.fail(`must be one of ${LEVEL_NAMES.join(', ')}`);
}

function channelName(field: Field): ChannelName {
  const name = CHANNELS.find((channel) => channel === field.value);
  return name ?? field.fail(`must be one of ${CHANNELS.join(', ')}`);
}

function intensityWindow(field: Field): IntensityWindow {
  const kind = field.get('kind');
  if (kind.value !== 'hu' && kind.value !== 'percentile') {
    return kind.fail('must be "hu" or "percentile"');
  }
  const [min, max] = kind.value === 'percentile' ? [0, 100] : [-Infinity, Infinity];
  const low = field.get('low').number(min, max);
  const high = field.get('high').number(min, max);
  if (high <= low) field.get('high').fail(`must be greater than low (${low})`);
  return { kind: kind.value, low, high };
}

/** A value inside the manifest and the path that leads to it. */
class Field {
  constructor(
    readonly value: unknown,
    private readonly path: string,
    private readonly where: string,
  ) {}

  fail(must: string): never {
    const found = this.value === undefined ? 'it is missing' : `it is ${excerpt(this.value)}`;
    const field = this.path === '' ? 'the manifest' : this.path;
    throw new ModelError('manifest', `${this.where}: ${field} ${must}; ${found}`);
  }

  get(key: string): Field {
    if (!isObject(this.value)) return this.fail('must be an object');
    const path = this.path === '' ? key : `${this.path}.${key}`;
    return new Field(this.value[key], path, this.where);
  }

  text(pattern = /\S/, description = 'a text'): string {
    if (typeof this.value === 'string' && pattern.test(this.value)) return this.value;
    return this.fail(`must be ${description}`);
  }

  /** This field, or the other one where this is missing. */
  or(other: Field): Field {
    return this.value === undefined ? other : this;
  }

  /** True or false; `otherwise` where it is missing. */
  flag(otherwise: boolean): boolean {
    if (this.value === undefined) return otherwise;
    return typeof this.value === 'boolean' ? this.value : this.fail('must be true or false');
  }

  number(min: number, max: number): number {
    if (Number.isFinite(this.value) && Number(this.value) >= min && Number(this.value) <= max) {
      return Number(this.value);
    }
    return this.fail(
      Number.isFinite(min) ? `must be a number from ${min} to ${max}` : 'must be a number',
    );
  }

  positive(): number {
    if (Number.isFinite(this.value) && Number(this.value) > 0) return Number(this.value);
    return this.fail('must be a number above 0');
  }

  integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
    const value = Number(this.value);
    if (Number.isSafeInteger(this.value) && value >= min && value <= max) return value;
    const from = min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min}`;
    return this.fail(
      `must be an integer${from}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`,
    );
  }

  multiple(of: number): number {
    const value = this.integer(1);
    return value % of === 0 ? value : this.fail(`must be a multiple of input.multipleOf (${of})`);
  }

  list<T>(read: (entry: Field) => T, least = 0): T[] {
    if (!Array.isArray(this.value) || this.value.length < least) {
      return this.fail(least === 0 ? 'must be a list' : `must be a list of at least ${least}`);
    }
    return this.value.map((entry, i) => read(new Field(entry, `${this.path}[${i}]`, this.where)));
  }

  numbers(): Record<string, number> {
    if (!isObject(this.value)) return this.fail('must be an object');
    const entries = Object.keys(this.value).map((key): [string, number] => [
      key,
      this.get(key).number(-Infinity, Infinity),
    ]);
    return Object.fromEntries(entries);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
