/** Stands for @tensorflow/tfjs-node in jest: the real one, loaded outside jest's sandbox. */
module.exports = globalThis.tensorflowForTests;
