/** Stands for onnxruntime-web in jest: the real one, loaded outside jest's sandbox. */
module.exports = globalThis.onnxruntimeForTests;
