import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { TestEnvironment } from 'jest-environment-node';

const require = createRequire(import.meta.url);
// Tests compute little: making the runtime's code fast takes longer than running it as it is.
setFlagsFromString('--liftoff-only');

/**
 * Node's environment with the real onnxruntime-web in it. The runtime loads its WebAssembly with
 * import(), which jest's sandbox refuses, so it is loaded outside and handed in (test/ort.cjs);
 * both sides then need the same Float32Array.
 */
export default class OrtEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.defineProperty(this.global, 'onnxruntimeForTests', {
      get: () => require('onnxruntime-web'),
    });
    this.global.Float32Array = Float32Array;
  }
}
