import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { DecisionSchema } from '../levels/decision';
import { LEVEL_NAMES } from '../levels/types';
import type { ChannelName } from '../projection/types';
import {
  check,
  finiteNumber,
  flag,
  integerFrom,
  list,
  numberFrom,
  object,
  oneOf,
  positive,
  recordOf,
  text,
  textLike,
} from '../schema/schema';
import { ModelError } from './modelError';

export const FORMAT = 'find-l3-model/2';
const FORMER_FORMAT = 'find-l3-model/1';
const CHANNELS = ['max', 'mean', 'mix', 'lateral'] as const satisfies readonly ChannelName[];
/** A manifest that asks for more would cost a browser its memory. */
const LARGEST_SIDE = 4096;
/** Each costs the time of a network. */
const LARGEST_COMMITTEE = 8;

/** An SPDX licence expression. */
export const spdxExpression = () =>
  textLike(
    /^[\w.+-]+( (AND|OR|WITH) [\w.+-]+)*$/,
    'an SPDX licence expression such as "CC-BY-SA-4.0" or "LicenseRef-see-model-card"',
  );

const Window = object({
  kind: v.picklist(['hu', 'percentile'], 'must be "hu" or "percentile"'),
  low: numberFrom(-32768, 65535),
  high: numberFrom(-32768, 65535),
});

const Peak = object({
  row: integerFrom(0, LARGEST_SIDE),
  column: integerFrom(0, LARGEST_SIDE),
  value: numberFrom(0, 1),
});

/**
 * `manifest.json` of a model package (a folder with `model.onnx` beside it). Viewer, command line
 * and training read nothing about a model from anywhere else.
 */
const ManifestSchema = object({
  format: v.literal(FORMAT, `must be "${FORMAT}"`),
  name: text(),
  version: text(),
  /** SHA-256 of the model file, lower-case hex. */
  sha256: textLike(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  /** File name of the ONNX model, relative to the manifest. */
  file: textLike(/^[\w-][\w.-]*$/, 'a plain file name beside the manifest'),
  bytes: integerFrom(1),
  opset: integerFrom(1),
  input: object({
    name: text(),
    /** Planes in order; shape is [1, channels.length, H, W], H and W multiples of `multipleOf`. */
    channels: list(oneOf(CHANNELS), 1),
    mmPerPixel: positive(20),
    multipleOf: integerFrom(1, LARGEST_SIDE),
    windows: object({ CT: Window, MR: Window }),
  }),
  output: object({
    name: text(),
    /** Networks in the file (a committee), whose maps follow one another; their mean is the answer. */
    members: v.optional(integerFrom(1, LARGEST_COMMITTEE), 1),
    /** Map i of a member is level i, then comes the level-free body, then (where `lastRib`) the body that bears the last rib. Shape [1, members x maps, H / stride, W / stride]. */
    levels: list(oneOf(LEVEL_NAMES)),
    /** Whether there is a map of the body that bears the last rib. */
    lastRib: flag(),
    stride: integerFrom(1, LARGEST_SIDE),
  }),
  /** Thresholds and settings of the decoder that were fitted to this model. */
  decision: DecisionSchema,
  /** What this package makes of `knownSeries`, from its voxels to the level: proves the runtime. */
  knownAnswer: object({
    /** Of the series. */
    seed: integerFrom(Number.MIN_SAFE_INTEGER),
    /** Place and height of the highest value, per output map. */
    peaks: list(Peak),
    /** Of the peaks. */
    tolerance: positive(0.1),
    /** Height and probability of L3; null where the model is not sure of it. */
    level: v.nullable(object({ zMm: numberFrom(-1000, 1000), probability: numberFrom(0, 1) })),
  }),
  /** SPDX licence expression of the weights; `LicenseRef-` names terms that are no SPDX licence. */
  spdx: spdxExpression(),
  /** The licence in words. */
  licence: text(),
  trainingData: list(text()),
  /** Parameters of the network. */
  parameters: integerFrom(1),
  metrics: recordOf(finiteNumber()),
});

export type ModelManifest = Readonly<v.InferOutput<typeof ManifestSchema>> & {
  /** SHA-256 of the manifest.json that was read, lower-case hex; absent in one that is being made. */
  readonly manifestSha256?: string;
};

/** How many maps a network answers: those of one member. */
export function mapCount({
  levels,
  lastRib,
}: Pick<ModelManifest['output'], 'levels' | 'lastRib'>): number {
  return levels.length + (lastRib ? 2 : 1);
}

/**
 * Reads a `manifest.json` as it was fetched or read from a disk.
 *
 * @param bytes of the file
 * @param where what to call the file in an error (a path or URL)
 * @returns the manifest with the file's own SHA-256
 * @throws ModelError ('manifest') where it is no JSON, or as `parseManifest`
 */
export function readManifest(bytes: Uint8Array, where: string): ModelManifest {
  const content = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    const found = /^\s*</.test(content) ? 'a web page' : 'something that is no JSON';
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
  const fail = (fault: string): never => {
    throw new ModelError('manifest', `${where}: ${fault}`);
  };
  if ((json as { format?: unknown } | null)?.format === FORMER_FORMAT) {
    fail(
      `the package is of the former format ${FORMER_FORMAT}; export it anew with "npm run train -- export --name RUN --model NAME", or bring it to ${FORMAT} with "npm run train -- convert FOLDER"`,
    );
  }
  const checked = check(ManifestSchema, json, 'the manifest');
  return 'fault' in checked ? fail(checked.fault) : consistent(checked.value, fail);
}

/** What one field demands of another. */
function consistent(manifest: ModelManifest, fail: (fault: string) => never): ModelManifest {
  const { input, output, knownAnswer } = manifest;
  const { levels, stride } = output;
  const ordered = LEVEL_NAMES.filter((name) => levels.includes(name));
  if (levels.length !== ordered.length || levels.some((name, i) => name !== ordered[i])) {
    fail(`output.levels must name each level once, head to foot; it is ${JSON.stringify(levels)}`);
  }
  for (const [modality, { kind, low, high }] of Object.entries(input.windows)) {
    const at = `input.windows.${modality}`;
    const outside = kind === 'percentile' && [low, high].find((value) => value < 0 || value > 100);
    if (typeof outside === 'number') {
      fail(
        `${at}.${outside === low ? 'low' : 'high'} must be a number from 0 to 100; it is ${outside}`,
      );
    }
    if (high <= low) fail(`${at}.high must be greater than low (${low}); it is ${high}`);
  }
  if (input.multipleOf % stride !== 0) {
    fail(
      `input.multipleOf must be a multiple of output.stride (${stride}); it is ${input.multipleOf}`,
    );
  }
  if (knownAnswer.peaks.length !== mapCount(output)) {
    const peaks = knownAnswer.peaks.length;
    fail(`knownAnswer.peaks must hold one peak a map (${mapCount(output)}); it holds ${peaks}`);
  }
  return manifest;
}
