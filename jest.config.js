const transform = {
  '^.+\\.(t|j|mj)sx?$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', tsx: true },
        target: 'es2022',
        transform: { react: { runtime: 'classic' } },
      },
      module: { type: 'commonjs' },
    },
  ],
};
// ES-module-only packages that tests load through jest's CommonJS runtime.
const transformIgnorePatterns = [
  '/node_modules/(?!(@noble|fast-png|iobuffer|fflate|nifti-reader-js|@cornerstonejs|gl-matrix|dicomweb-client|onnx-buf|@bufbuild)/)',
];
const shared = {
  transform,
  transformIgnorePatterns,
  // Unpacked viewers there have the same package name.
  modulePathIgnorePatterns: ['<rootDir>/.cache/'],
  // exports an `import` condition only, which jest's CommonJS runtime does not ask for
  moduleNameMapper: {
    '^nifti-reader-js$': '<rootDir>/node_modules/nifti-reader-js/dist/nifti.js',
  },
  // Looked up in jest's sandbox, each use of these costs hundreds of nanoseconds: pixel loops crawl.
  sandboxInjectedGlobals: [
    'Math',
    'Number',
    'Infinity',
    'Float32Array',
    'Float64Array',
    'Int16Array',
  ],
  rootDir: import.meta.dirname ?? process.cwd(),
};

/** Node with the real ONNX runtime. */
const withRuntime = {
  ...shared,
  testEnvironment: '<rootDir>/test/ortEnvironment.mjs',
  moduleNameMapper: {
    ...shared.moduleNameMapper,
    '^onnxruntime-web$': '<rootDir>/test/ort.cjs',
  },
};

export default {
  // A busy machine of two cores, not a hung test.
  testTimeout: 30_000,
  projects: [
    {
      ...withRuntime,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'component',
      testEnvironment: 'jsdom',
      testMatch: ['<rootDir>/test/component/**/*.test.{ts,tsx}'],
      moduleNameMapper: {
        ...shared.moduleNameMapper,
        '^@cornerstonejs/(core|metadata)$': '<rootDir>/test/component/cornerstoneStub.cjs',
      },
    },
    {
      ...withRuntime,
      displayName: 'e2e',
      globalSetup: '<rootDir>/test/e2e/globalSetup.ts',
      testMatch: ['<rootDir>/test/e2e/*.test.ts'],
    },
    {
      ...withRuntime,
      displayName: 'long',
      testMatch: ['<rootDir>/test/e2e/long/*.test.ts'],
    },
  ],
};
