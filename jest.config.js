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
  // exports an `import` condition only, which jest's CommonJS runtime does not ask for
  moduleNameMapper: {
    '^nifti-reader-js$': '<rootDir>/node_modules/nifti-reader-js/dist/nifti.js',
  },
  rootDir: import.meta.dirname ?? process.cwd(),
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testEnvironment: '<rootDir>/test/ortEnvironment.mjs',
      testMatch: ['<rootDir>/test/unit/**/*.test.ts'],
      moduleNameMapper: {
        ...shared.moduleNameMapper,
        '^onnxruntime-web$': '<rootDir>/test/ort.cjs',
      },
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
      ...shared,
      displayName: 'e2e',
      testEnvironment: 'node',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
    },
  ],
};
