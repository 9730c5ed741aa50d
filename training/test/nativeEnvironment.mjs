import { createRequire } from 'node:module';
import OrtEnvironment from '../../test/ortEnvironment.mjs';

const require = createRequire(import.meta.url);
const gpu = process.env.FIND_L3_TRAIN_BACKEND === 'gpu';

/**
 * Node's environment with the real TensorFlow.js and onnxruntime-web in it. TensorFlow.js checks
 * types with instanceof, so both sides of the sandbox need the same typed arrays.
 */
export default class NativeEnvironment extends OrtEnvironment {
  async setup() {
    await super.setup();
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
    Object.defineProperty(this.global, 'tensorflowForTests', {
      get: () => require(`@tensorflow/tfjs-node${gpu ? '-gpu' : ''}`),
    });
    Object.defineProperty(this.global, 'wasmForTests', {
      get: () => require('@tensorflow/tfjs-backend-wasm'),
    });
    Object.assign(this.global, { Float32Array, Int32Array, Uint8Array, Uint8ClampedArray });
  }
}
