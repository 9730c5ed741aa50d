import { createRequire } from 'node:module';
import type { Tensor } from '@tensorflow/tfjs-node';

/** TensorFlow.js on the native library; throws at import when `setup` has not been run. */
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

function load(): TensorFlow {
  const require = createRequire(import.meta.url);
  const gpu = process.env.FIND_L3_TRAIN_GPU === '1';
  const name = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  try {
    return require(name) as TensorFlow;
  } catch (error) {
    const command = `npm run train -- setup${gpu ? ' --gpu' : ''}`;
    throw new Error(`TensorFlow's library cannot be loaded. Run "${command}" first.`, {
      cause: error,
    });
  }
}

export const tf: TensorFlow = load();

export const nativeBackend = (): NativeBackend => tf.backend() as unknown as NativeBackend;
