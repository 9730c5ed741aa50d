import * as ort from 'onnxruntime-web/webgpu';
import type { RuntimeHost } from './runtimeHost';
import type { RuntimeObstacle, RuntimeObstacleCode } from './types';

export interface BrowserRuntimeOptions {
  /** Absolute URL of the folder with the runtime files, ending in a slash. */
  readonly ortUrl: string;
  /** 'auto': WebGPU where there is one; 'wasm': never WebGPU. */
  readonly runtime: 'auto' | 'wasm';
  readonly verbose?: boolean;
}

/** What the plugin folder holds of onnxruntime-web (`.js`, since servers often do not know `.mjs`). */
const ORT_FILES = {
  mjs: 'ort-wasm-simd-threaded.asyncify.js',
  wasm: 'ort-wasm-simd-threaded.asyncify.wasm',
} as const;

/** onnxruntime-web with WebGPU and wasm, for a browser's worker or page; fetches from `ortUrl` only. */
export function browserRuntime({ ortUrl, runtime, verbose }: BrowserRuntimeOptions): RuntimeHost {
  ort.env.wasm.numThreads = globalThis.crossOriginIsolated
    ? Math.min(4, navigator.hardwareConcurrency)
    : 1;
  ort.env.wasm.wasmPaths = { mjs: ortUrl + ORT_FILES.mjs, wasm: ortUrl + ORT_FILES.wasm };
  if (verbose) ort.env.logLevel = 'verbose';
  return {
    ort,
    // The runtime takes one where an isolated page has no shared memory.
    get threads() {
      return ort.env.wasm.numThreads ?? 1;
    },
    verbose,
    webgpuObstacle: async () =>
      runtime === 'wasm' ? obstacle('not-wanted', 'wasm was asked for') : webgpuObstacle(),
    deviceLost,
  };
}

function obstacle(code: RuntimeObstacleCode, message: string): RuntimeObstacle {
  return { code, message };
}

async function webgpuObstacle(): Promise<RuntimeObstacle | null> {
  if (!globalThis.isSecureContext) {
    return obstacle('insecure', 'WebGPU needs HTTPS (or localhost)');
  }
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu;
  if (!gpu) return obstacle('no-webgpu', 'this browser has no WebGPU');
  try {
    const adapter = await gpu.requestAdapter();
    return adapter ? null : obstacle('no-adapter', 'this browser offers no GPU adapter');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return obstacle('failed', `asking for a GPU adapter failed (${why})`);
  }
}

async function deviceLost(): Promise<string> {
  const device = (await ort.env.webgpu.device) as
    { readonly lost: Promise<{ readonly message: string; readonly reason?: string }> } | undefined;
  if (!device) return new Promise(() => undefined);
  const { message, reason } = await device.lost;
  return message || reason || 'no reason given';
}
