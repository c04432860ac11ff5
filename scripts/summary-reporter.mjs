// A last line of plain text, for whoever reads the end of a log: how many tests passed, failed and were skipped.
export default class SummaryReporter {
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const again = [];
    for (const testModule of modules) {
      if (testModule.state() === 'failed' && testModule.errors().length > 0) counts.failed++;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        if (state in counts) counts[state]++;
        if (test.diagnostic()?.flaky === true) again.push(test.fullName);
      }
    }
    process.on('exit', () => {
      for (const name of again) console.log(`Passed at the second attempt only: ${name}`);
      console.log(`Tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    });
  }
}
