import { expect, it } from 'vitest';
import { legs } from '../../../src/config/index.js';
import { findings } from '../../../src/coverage/index.js';
import { reporters } from '../../../src/reporters/index.js';
import { reportContext } from '../../helpers/reports.js';
import { brokenExecution, execution, runResult } from '../../helpers/run-result.js';

it('the HTML of 500 executions, half of them broken, with long texts and much evidence, is below 1 MB', async () => {
  const executions = Array.from({ length: 500 }, (_, n) => {
    const one = n % 2 === 0 ? execution() : brokenExecution();
    return {
      ...one,
      id: `d${String(n).padStart(7, '0')}`,
      commandLine: `C:\\Windows\\System32\\cmd.exe /d /c "${'x'.repeat(200)}"`,
      legs: Object.fromEntries(
        legs.map((leg) => [
          leg,
          {
            ...one.legs[leg],
            text: `${one.legs[leg].text} `.repeat(3),
            evidence: Array.from(
              { length: 12 },
              (_, e) => `WS01/Microsoft-Windows-Sysmon/Operational/${n}${e}`,
            ),
          },
        ]),
      ) as typeof one.legs,
    };
  });
  const html = await reporters
    .get('html')
    .render(runResult(executions, { findings: findings(executions) }), reportContext);
  expect(Buffer.byteLength(html)).toBeLessThan(1_000_000);
  expect(html).toContain('id="d0000499"');
});
