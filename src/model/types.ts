import type { LevelEvidence, LevelName } from '../levels/types';
import type { ChannelName, IntensityWindow, Projection } from '../projection/types';

export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of model.onnx, lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the manifest.json that was read, lower-case hex; absent in what 0.3.0 wrote. */
  readonly manifestSha256?: string;
}

/**
 * `manifest.json` of a model package (a folder with `model.onnx` beside it). Viewer, command line
 * and training read nothing about a model from anywhere else.
 */
export interface ModelManifest extends ModelIdentity {
  readonly format: 'find-l3-model/1';
  /** File name of the ONNX model, relative to the manifest. */
  readonly file: string;
  readonly bytes: number;
  readonly opset: number;
  readonly input: {
    readonly name: string;
    /** Planes in order; shape is [1, channels.length, H, W], H and W multiples of `multipleOf`. */
    readonly channels: readonly ChannelName[];
    readonly mmPerPixel: number;
    readonly multipleOf: number;
    readonly windows: { readonly CT: IntensityWindow; readonly MR: IntensityWindow };
  };
  readonly output: {
    readonly name: string;
    /** Map i is level i, then comes the level-free body, then (where `lastRib`) the body that bears the last rib. Shape [1, maps, H / stride, W / stride]. */
    readonly levels: readonly LevelName[];
    /** Whether there is a map of the body that bears the last rib; false where the manifest does not say. */
    readonly lastRib: boolean;
    readonly stride: number;
  };
  /** Thresholds that were calibrated with this model. */
  readonly decision: {
    /** L3 counts as in view from this posterior probability on. */
    readonly minInView: number;
    /** A level is named from this probability on; below it the answer is undetermined. */
    readonly minProbability: number;
    /** The sacrum counts as seen from this response of S1 on. */
    readonly minAnchor: number;
    /** The last rib counts as seen from this response of its map on; as `minAnchor` where the manifest does not say. */
    readonly minRibAnchor: number;
    /** The logit of a level's probability is divided by this, before `minProbability`; 1 where the manifest does not say. */
    readonly temperature?: number;
  };
  /** Input made by `knownAnswerInput` (seeded), and the expected output, to prove the runtime. */
  readonly knownAnswer: {
    readonly seed: number;
    readonly height: number;
    readonly width: number;
    /** Row of the highest value and that value, per output map. */
    readonly peaks: readonly {
      readonly row: number;
      readonly column: number;
      readonly value: number;
    }[];
    readonly tolerance: number;
  };
  readonly licence: string;
  readonly trainingData: readonly string[];
  /** Parameters of the network. */
  readonly parameters: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export type RuntimeName = 'webgpu' | 'wasm';

/** Why WebGPU is not used: nobody wants it, the page is insecure, the browser or its GPU has none, it failed. */
export type RuntimeObstacleCode = 'not-wanted' | 'insecure' | 'no-webgpu' | 'no-adapter' | 'failed';

export interface RuntimeObstacle {
  readonly code: RuntimeObstacleCode;
  /** In English, with what the browser says. */
  readonly message: string;
}

/** What ran, for the panel and the report. */
export interface RuntimeReport {
  readonly runtime: RuntimeName;
  /** Why not WebGPU, when it is wasm in a browser; null otherwise. */
  readonly fallbackReason: string | null;
  /** The kind of `fallbackReason`, to be said in other languages; absent where there is none. */
  readonly fallbackCode?: RuntimeObstacleCode;
  readonly threads: number;
}

/** A loaded, verified model with a live session. */
export interface LevelModel {
  readonly manifest: ModelManifest;
  readonly runtime: RuntimeReport;
  /**
   * Runs the network on a projection made with the manifest's channels and windows.
   *
   * @throws ModelError when the output is NaN, flat, or has a shape other than the manifest says.
   */
  run(projection: Projection, signal?: AbortSignal): Promise<LevelEvidence>;
  dispose(): Promise<void>;
}

/** How many maps the model answers. */
export function mapCount({ levels, lastRib }: ModelManifest['output']): number {
  return levels.length + (lastRib ? 2 : 1);
}
