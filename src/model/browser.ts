import * as ort from 'onnxruntime-web/webgpu';
import type { RuntimeHost } from './runtimeHost';

export interface BrowserRuntimeOptions {
  /** Absolute URL of the folder with the runtime files, ending in a slash. */
  readonly ortUrl: string;
  /** 'auto': WebGPU where there is one; 'wasm': never WebGPU. */
  readonly runtime: 'auto' | 'wasm';
  readonly verbose?: boolean;
}

/** What the plugin folder holds of onnxruntime-web (`.js`, since servers often do not know `.mjs`). */
export const ORT_FILES = {
  mjs: 'ort-wasm-simd-threaded.asyncify.js',
  wasm: 'ort-wasm-simd-threaded.asyncify.wasm',
} as const;

/** onnxruntime-web with WebGPU and wasm, for a browser's worker or page; fetches from `ortUrl` only. */
export function browserRuntime({ ortUrl, runtime, verbose }: BrowserRuntimeOptions): RuntimeHost {
  const threads = globalThis.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { mjs: ortUrl + ORT_FILES.mjs, wasm: ortUrl + ORT_FILES.wasm };
  if (verbose) ort.env.logLevel = 'verbose';
  return {
    ort,
    threads,
    verbose,
    webgpuObstacle: async () => (runtime === 'wasm' ? 'wasm was asked for' : webgpuObstacle()),
    deviceLost,
  };
}

async function webgpuObstacle(): Promise<string | null> {
  if (!globalThis.isSecureContext) return 'WebGPU needs HTTPS (or localhost)';
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  if (!gpu) return 'this browser has no WebGPU';
  try {
    return (await gpu.requestAdapter()) ? null : 'this browser offers no GPU adapter';
  } catch (error) {
    return `asking for a GPU adapter failed (${error instanceof Error ? error.message : error})`;
  }
}

async function deviceLost(): Promise<string> {
  const device = (await ort.env.webgpu.device) as
    { readonly lost: Promise<{ readonly message: string; readonly reason?: string }> } | undefined;
  if (!device) return new Promise(() => undefined);
  const { message, reason } = await device.lost;
  return message || reason || 'no reason given';
}
