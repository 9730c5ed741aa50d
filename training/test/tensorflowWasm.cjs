/** Stands for @tensorflow/tfjs-backend-wasm in jest: the real one, beside the real TensorFlow.js. */
module.exports = globalThis.wasmForTests;
