import type { Finding } from '../finder/types';
import { messageOf, ModelError, type ModelErrorCode } from '../model/modelError';
import type { Progress } from '../projection/types';
import type { Series, SlicePixels } from '../series/types';

/** Where the worker finds its runtime and model, and how it runs. */
export interface WorkerSetup {
  /** Absolute URL of the folder with the ONNX runtime's files, ending in a slash. */
  readonly ortUrl: string;
  /** Absolute URL of the model package's folder. */
  readonly modelUrl: string;
  /** 'auto': WebGPU where there is one; 'wasm': never WebGPU. */
  readonly runtime: 'auto' | 'wasm';
  /** Lets the ONNX runtime log everything to the console. */
  readonly verbose: boolean;
}

/** From the page to the worker. `search` is the page's number for one call of `find`. */
export type ToWorker =
  | { readonly type: 'open'; readonly setup: WorkerSetup }
  | { readonly type: 'find'; readonly search: number; readonly series: Series }
  | {
      readonly type: 'slice';
      readonly search: number;
      readonly index: number;
      readonly pixels: SlicePixels;
      readonly slope: number;
      readonly intercept: number;
    }
  | { readonly type: 'cancel'; readonly search: number };

/** From the worker to the page. */
export type FromWorker =
  /** The page may send so many more slices. */
  | { readonly type: 'credit'; readonly search: number; readonly slices: number }
  | { readonly type: 'progress'; readonly search: number; readonly progress: Progress }
  | { readonly type: 'done'; readonly search: number; readonly finding: PortableFinding }
  | { readonly type: 'failed'; readonly search: number; readonly error: PortableError }
  /** The model cannot be opened; this worker answers no search any more. */
  | { readonly type: 'broken'; readonly error: PortableError };

type WithoutSeries<F> = F extends { readonly series: Series } ? Omit<F, 'series'> : F;

/** A finding without the series, which the page has. */
export type PortableFinding = WithoutSeries<Finding>;

/** An error as data: structured clones of errors lose their class and code. */
export interface PortableError {
  readonly message: string;
  readonly code: ModelErrorCode | null;
}

export function portableError(error: unknown): PortableError {
  return {
    message: messageOf(error),
    code: error instanceof ModelError ? error.code : null,
  };
}

export function errorFrom({ message, code }: PortableError): Error {
  return code === null ? new Error(message) : new ModelError(code, message);
}

/** What both ends need of a Worker, a worker's global scope or a MessagePort. */
export interface Endpoint {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}
