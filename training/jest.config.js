import root from '../jest.config.js';

/**
 * Tests of training that need TensorFlow's library (`npm run train -- setup`). With the environment's
 * `FIND_L3_TEST_LONG` set they are those of `npm run test:long` instead.
 */
const { transform, transformIgnorePatterns, moduleNameMapper, sandboxInjectedGlobals } =
  root.projects[0];

export default {
  displayName: 'training',
  rootDir: import.meta.dirname,
  testMatch: [`<rootDir>/test/${process.env.FIND_L3_TEST_LONG ? 'long/' : ''}*.test.ts`],
  testEnvironment: '<rootDir>/test/nativeEnvironment.mjs',
  testTimeout: 60_000,
  transform,
  transformIgnorePatterns,
  sandboxInjectedGlobals,
  moduleNameMapper: {
    '^nifti-reader-js$': moduleNameMapper['^nifti-reader-js$'].replace('<rootDir>', '<rootDir>/..'),
    '^onnxruntime-web$': '<rootDir>/../test/ort.cjs',
    '^@tensorflow/tfjs-backend-wasm$': '<rootDir>/test/tensorflowWasm.cjs',
    '^@tensorflow/tfjs-node(-gpu)?$': '<rootDir>/test/tensorflow.cjs',
  },
};
