import type { RunResult } from '../../src/coverage/index.js';
import { execution } from './run-result.js';

type Execution = RunResult['executions'][number];

export const reportContext = { runFolder: 'reports/run', colour: false, width: 120 };

/** Text of foreign origin that tries to be markup, a control sequence, another cell, or to read backwards. */
export const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\`\u001B[2J\u202Egpj.exe\r\n| # [x](javascript:1) \`\`\`\``;

/** An upload that could not be judged: its host did not answer. */
export function errorExecution(): Execution {
  return execution({
    id: 'derr0r00',
    scenario: 'cmd-ftp-script',
    startedAt: null,
    endedAt: null,
    receipts: [],
    outcome: 'error',
    met: false,
    alerts: [],
    errors: [{ where: 'host ws01', code: 'host-unreachable', message: 'no route', remedy: 'start the host' }],
  });
}

/** A control that alerted. */
export function loudControl(): Execution {
  return execution({
    id: 'dc0ntr01',
    scenario: 'control-backup',
    control: true,
    expected: 'not_alerted',
    met: false,
  });
}
