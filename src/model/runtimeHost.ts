import type { RuntimeObstacle } from './types';

/** The part of onnxruntime-web that a session needs; both of its entries (web and Node) fit it. */
export interface Ort {
  readonly InferenceSession: {
    create(model: Uint8Array, options: OrtSessionOptions): Promise<OrtSession>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OrtTensor;
}

export interface OrtSessionOptions {
  readonly executionProviders: readonly ('webgpu' | 'wasm')[];
  readonly graphOptimizationLevel: 'all';
  /** 0 verbose, 3 errors only. */
  readonly logSeverityLevel: 0 | 3;
}

export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export interface OrtSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

/** Where the model runs: onnxruntime-web, set up for a browser or for Node. */
export interface RuntimeHost {
  readonly ort: Ort;
  /** Threads of the wasm runtime: asked for, and once a session is open, those that it has. */
  readonly threads: number;
  /**
   * Browser: why WebGPU cannot or shall not be used, or null when it can.
   * Absent where WebGPU is not expected (Node), so that wasm is no fallback there.
   */
  readonly webgpuObstacle?: () => Promise<RuntimeObstacle | null>;
  /** Resolves with what the browser says when the GPU device is lost, otherwise never; asked after a WebGPU session is made. */
  readonly deviceLost?: () => Promise<string>;
  /** Lets the runtime log everything (which node runs where). */
  readonly verbose?: boolean;
}
