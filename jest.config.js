import { fileURLToPath } from 'node:url';

const rootDir = fileURLToPath(new URL('.', import.meta.url));

/** One project per kind of spec; the kind is in the file's name. */
const project = (kind, extra = {}) => ({
  displayName: kind,
  rootDir,
  roots: ['<rootDir>/packages', '<rootDir>/apps', '<rootDir>/e2e', '<rootDir>/bench'],
  testMatch: [`**/*.${kind}.spec.ts`],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  ...extra,
});

/** Specs that need PostgreSQL and Kafka share one of each for the whole run. */
const onRealParts = {
  globalSetup: '<rootDir>/packages/testing/jest/start-parts.mjs',
  globalTeardown: '<rootDir>/packages/testing/jest/stop-parts.mjs',
};

export default {
  projects: [project('unit'), project('int', onRealParts), project('e2e', onRealParts)],
  reporters: ['default', '<rootDir>/packages/testing/jest/count-reporter.mjs'],
  testTimeout: 180_000,
};
