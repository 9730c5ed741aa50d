import root from '../jest.config.js';

/** Tests of training that need TensorFlow's library (`npm run train -- setup`). */
const { transform, transformIgnorePatterns, moduleNameMapper } = root.projects[0];

export default {
  displayName: 'training',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testEnvironment: '<rootDir>/test/nativeEnvironment.mjs',
  testTimeout: 60_000,
  transform,
  transformIgnorePatterns,
  moduleNameMapper: {
    '^nifti-reader-js$': moduleNameMapper['^nifti-reader-js$'].replace('<rootDir>', '<rootDir>/..'),
    '^onnxruntime-web$': '<rootDir>/../test/ort.cjs',
    '^@tensorflow/tfjs-backend-wasm$': '<rootDir>/test/tensorflowWasm.cjs',
    '^@tensorflow/tfjs-node(-gpu)?$': '<rootDir>/test/tensorflow.cjs',
  },
};
