import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Leg } from '../../src/config/index.js';
import { runResultSchema } from '../../src/coverage/index.js';
import type { Link } from '../../src/verify/index.js';
import { dyetrace } from '../helpers/cli.js';
import { describeWith } from '../helpers/requires.js';

interface Case {
  readonly fault: string;
  readonly link: Link;
  readonly leg: Leg | null;
  readonly cause: string;
  /** One scenario per case keeps the suite short; `npm start -- --fault NAME` shows all twelve. */
  readonly scenario: string;
}

/** One fault per link that telemetry can break, over initiators and protocols. */
const cases: readonly Case[] = [
  {
    fault: 'network-events-off',
    link: 'sense',
    leg: 'network_connection',
    cause: 'network-connection-not-logged',
    scenario: 'rundll32-ftp-dll',
  },
  {
    fault: 'command-line-off',
    link: 'sense',
    leg: 'process_creation',
    cause: 'command-line-not-logged',
    scenario: 'cmd-smb-copy',
  },
  {
    fault: 'zeek-ftp-log-off',
    link: 'sense',
    leg: 'protocol_log',
    cause: 'protocol-log-missing',
    scenario: 'cmd-ftp-client',
  },
  {
    fault: 'zeek-conn-off',
    link: 'sense',
    leg: 'flow_volume',
    cause: 'flow-log-missing',
    scenario: 'rundll32-ftp-dll',
  },
  {
    fault: 'forwarder-drops-network',
    link: 'ship',
    leg: 'network_connection',
    cause: 'forwarder-dropped',
    scenario: 'powershell-tftp-socket',
  },
  {
    fault: 'ingest-renames-port',
    link: 'parse',
    leg: 'network_connection',
    cause: 'field-unmapped',
    scenario: 'rundll32-ftp-dll',
  },
  {
    fault: 'guid-mismatch',
    link: 'correlate',
    leg: 'network_connection',
    cause: 'process-key-mismatch',
    scenario: 'rundll32-tftp-dll',
  },
  { fault: 'rule-disabled', link: 'alert', leg: null, cause: 'rule-disabled', scenario: 'rundll32-ftp-dll' },
  {
    fault: 'rule-excludes-private',
    link: 'alert',
    leg: null,
    cause: 'rule-excludes-private',
    scenario: 'powershell-tftp-socket',
  },
  {
    fault: 'rule-wrong-category',
    link: 'route',
    leg: null,
    cause: 'wrong-category',
    scenario: 'rundll32-tftp-dll',
  },
];

describeWith({ programs: ['smbd', 'smbclient'], root: true }, 'a fault of the embedded lab', () => {
  let reports: string;
  beforeAll(async () => {
    reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
  });
  afterAll(() => rm(reports, { recursive: true, force: true }));

  it.concurrent.each(cases)('$fault breaks $link on $leg', async ({ fault, link, leg, cause, scenario }) => {
    const { stdout, stderr, exitCode } = await dyetrace([
      'run',
      '--embedded',
      '--fault',
      fault,
      '--scenario',
      scenario,
      '--background',
      '500',
      '--fail-on',
      'gaps',
      '--json',
      '--reports',
      reports,
    ]);
    expect({ exitCode, stderr: exitCode === 1 ? '' : stderr }).toEqual({ exitCode: 1, stderr: '' });
    const { executions, findings } = runResultSchema.parse(JSON.parse(stdout));
    const [execution] = executions;
    const broken = execution?.chain.find((entry) => entry.state === 'broken');
    expect({ link: broken?.link, cause: broken?.cause }).toEqual({ link, cause });
    if (leg !== null) expect(broken?.legs).toContain(leg);
    expect(execution?.gaps.map((gap) => gap.cause)).toContain(cause);
    expect(findings[0]?.cause).toBe(cause);
    expect(findings[0]?.remedy.length).toBeGreaterThan(20);
  });
});
