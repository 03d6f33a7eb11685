/**
 * One jest project for each workspace. Types are checked by `npm run typecheck`, so ts-jest only
 * transpiles here. `rehearsal` is an ES module package because its libraries are, which is what
 * --experimental-vm-modules in the test script is for.
 */
const transpileTo = (module) => [
  'ts-jest',
  {
    diagnostics: false,
    tsconfig: { module, target: 'ES2023', esModuleInterop: true, isolatedModules: true },
    useESM: module === 'esnext',
  },
];

const project = (displayName, rootDir, module) => ({
  displayName,
  rootDir,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '\\.ts$': transpileTo(module) },
  extensionsToTreatAsEsm: module === 'esnext' ? ['.ts'] : [],
});

module.exports = {
  // Many tests wait for processes and timers; the default would leave one of two cores idle.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/rehearsal/test/_helpers/longest-first.cjs',
  projects: [
    project('api', '<rootDir>/apps/api', 'commonjs'),
    project('cdk', '<rootDir>/cdk', 'commonjs'),
    project('rehearsal', '<rootDir>/rehearsal', 'esnext'),
  ],
};
