import { UNCALIBRATED } from '../../../src/levels/decision';
import type { ModelManifest } from '../../../src/model/types';
import type { Projection } from '../../../src/projection/types';
import { seededPicture } from '../../../training/export/seededPicture';

/** A manifest that fits no file yet: two channels, two levels, half the input's grid. */
export const TINY_MANIFEST: ModelManifest = {
  format: 'find-l3-model/2',
  name: 'tiny',
  version: '1.0.0',
  sha256: '0'.repeat(64),
  file: 'model.onnx',
  bytes: 1,
  opset: 17,
  input: {
    name: 'projection',
    channels: ['max', 'mean'],
    mmPerPixel: 2,
    multipleOf: 8,
    windows: {
      CT: { kind: 'hu', low: -200, high: 1000 },
      MR: { kind: 'percentile', low: 1, high: 99 },
    },
  },
  output: { name: 'evidence', levels: ['L3', 'L4'], lastRib: false, members: 1, stride: 2 },
  decision: { ...UNCALIBRATED, minProbability: 0.5 },
  knownAnswer: { seed: 11, peaks: [], tolerance: 1e-3, level: null },
  spdx: 'Apache-2.0',
  licence: 'Apache-2.0',
  trainingData: ['none'],
  parameters: 1,
  metrics: {},
};

/** A projection of random values (fixed by its size) for the tiny model. */
export function tinyProjection(height: number, width: number): Projection {
  return {
    channels: ['max', 'mean'],
    data: seededPicture(height * 1000 + width, 2, height, width),
    height,
    width,
    mmPerPixel: 2,
    topZMm: 100,
    frontYMm: -50,
    spineXMm: new Float32Array(height),
    inView: new Uint8Array(height).fill(1),
  };
}
