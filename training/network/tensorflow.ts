import { createRequire } from 'node:module';
import type { Tensor } from '@tensorflow/tfjs-node';
import { BACKEND_PACKAGES, backendsToTry, type BackendName } from '../tools/backends';

type TensorFlow = typeof import('@tensorflow/tfjs-node');

/** What this project uses of the native backend beyond the public interface of TensorFlow.js. */
export interface NativeBackend {
  readonly binding: {
    readonly TF_Version: string;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_FLOAT: number;
  };
  readonly isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: Tensor[],
    outputs: number,
  ): Tensor[];
}

export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

// TensorFlow's own start-up remarks say nothing a user can act on.
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
// By default TensorFlow takes all of a GPU's memory.
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';

const require = createRequire(import.meta.url);

function load(): { tf: TensorFlow; backend: BackendName } {
  const backends = backendsToTry();
  let cause: unknown;
  for (const backend of backends) {
    try {
      if (backend !== 'wasm') {
        return { tf: require(BACKEND_PACKAGES[backend]) as TensorFlow, backend };
      }
      // The native package is the same interface with a backend of its own.
      const tf = require('@tensorflow/tfjs') as TensorFlow;
      require(BACKEND_PACKAGES.wasm);
      return { tf, backend };
    } catch (error) {
      cause ??= error;
    }
  }
  const command = `npm run train -- setup${backends[0] === 'gpu' ? ' --gpu' : ''}`;
  throw new Error(`TensorFlow's library cannot be loaded. Run "${command}" first.`, { cause });
}

const loaded = load();
export const tf: TensorFlow = loaded.tf;

/** TensorFlow's own kernels, where they compute; null on WebAssembly. */
export const nativeBackend = (): NativeBackend | null =>
  tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : null;

/** Starts the backend that was loaded; before that, nothing can be computed on WebAssembly. */
export async function startTensorFlow(): Promise<void> {
  if (loaded.backend === 'wasm') await useWasm();
}

/** Computes on WebAssembly from now on: everything, with the two kernels that it lacks. */
export async function useWasm(): Promise<void> {
  require(BACKEND_PACKAGES.wasm);
  const { registerWasmKernels } = await import('./wasmKernels');
  registerWasmKernels(tf);
  await tf.setBackend('wasm');
  await tf.ready();
}

/** What computes, for the screen and the report. */
export function computedOn(): string {
  const native = nativeBackend();
  if (!native) return 'the CPU by WebAssembly (tfjs-backend-wasm), the slow last resort';
  const device = native.isUsingGpuDevice ? 'the GPU' : 'the CPU';
  return `${device} by TensorFlow ${native.binding.TF_Version} (${BACKEND_PACKAGES[loaded.backend].split('/')[1]})`;
}
