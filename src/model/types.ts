import type { LevelEvidence } from '../levels/types';
import type { Projection } from '../projection/types';
import type { ModelManifest } from './manifest';

export type { ModelManifest } from './manifest';

export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of model.onnx, lower-case hex. */
  readonly sha256: string;
  /** SHA-256 of the manifest.json that was read, lower-case hex; absent in what 0.3.0 wrote. */
  readonly manifestSha256?: string;
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
