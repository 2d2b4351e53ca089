import { writeFileSync } from 'node:fs';

/**
 * Writes how many tests passed and failed to the file that TOLLGATE_TEST_COUNTS names, so that `npm test` can add
 * up its runs. A spec file that could not be run at all counts as one failure.
 */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.TOLLGATE_TEST_COUNTS;
    if (!file) return;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    writeFileSync(file, JSON.stringify({ passed: results.numPassedTests, failed }));
  }
}
