import { createHash } from 'node:crypto';
import { networkInput } from '../../../src/model/evidence';
import { knownProjection } from '../../../src/model/knownSeries';
import type { ModelPackage } from '../../../src/model/openLevelModel';
import type { ModelManifest } from '../../../src/model/types';
import type { Projection } from '../../../src/projection/types';
import { TINY_MANIFEST } from './tinyManifest';
import { tinyOnnx, type TinyNetwork } from './tinyModel';

/** Two levels and the body map, from two channels. */
export const TINY: TinyNetwork = {
  weights: [
    [4, 0],
    [0, -4],
    [3, 3],
  ],
  bias: [-2, 2, -3],
};

/** What the tiny network must answer, computed here: 1x1 conv, sigmoid, 2x2 max pooling. */
export function tinyAnswer(
  { weights, bias }: TinyNetwork,
  data: Float32Array,
  height: number,
  width: number,
): Float32Array[] {
  return weights.map((row, map) => {
    const response = (r: number, c: number) => {
      let sum = bias[map];
      row.forEach((weight, channel) => {
        sum += weight * data[(channel * height + r) * width + c];
      });
      return 1 / (1 + Math.exp(-sum));
    };
    const out = new Float32Array((height / 2) * (width / 2));
    for (let r = 0; r < height / 2; r++) {
      for (let c = 0; c < width / 2; c++) {
        out[r * (width / 2) + c] = Math.max(
          response(2 * r, 2 * c),
          response(2 * r, 2 * c + 1),
          response(2 * r + 1, 2 * c),
          response(2 * r + 1, 2 * c + 1),
        );
      }
    }
    return out;
  });
}

let projection: Projection | undefined;

export function tinyPackage(network = TINY, changes: Partial<ModelManifest> = {}): ModelPackage {
  const modelBytes = tinyOnnx(network);
  const { seed, tolerance } = TINY_MANIFEST.knownAnswer;
  projection ??= knownProjection(TINY_MANIFEST.input, seed);
  const { data, height, width } = networkInput(projection, TINY_MANIFEST);
  const [rows, columns] = [Math.ceil(projection.height / 2), Math.ceil(projection.width / 2)];
  const peaks = tinyAnswer(network, data, height, width).map((map) => {
    const shown = map.filter(
      (_, i) => Math.floor(i / (width / 2)) < rows && i % (width / 2) < columns,
    );
    const value = Math.max(...shown);
    const at = shown.indexOf(value);
    return { row: Math.floor(at / columns), column: at % columns, value };
  });
  const manifest: ModelManifest = {
    ...TINY_MANIFEST,
    sha256: createHash('sha256').update(modelBytes).digest('hex'),
    bytes: modelBytes.length,
    parameters: network.weights.flat().length + network.bias.length,
    knownAnswer: { seed, peaks, tolerance, level: null },
    ...changes,
  };
  return { manifest, modelBytes };
}
