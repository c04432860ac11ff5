import { defaultParameters, legs, type Leg } from '../../src/config/index.js';
import { runResultSchema, type RunResult } from '../../src/coverage/index.js';

type Execution = RunResult['executions'][number];

const at = (second: number) => `2026-11-24T12:00:${String(second).padStart(2, '0')}.000Z`;

function leg(state: Execution['legs'][Leg]['state'], text: string): Execution['legs'][Leg] {
  return {
    state,
    evidence: state === 'seen' ? ['WS01/Sysmon/17'] : [],
    missingFields: [],
    delayMs: state === 'seen' ? 240 : null,
    via: state === 'seen' ? 'entity_id' : null,
    text,
  };
}

/** One execution of a made-up run: an upload over FTP by rundll32.exe, seen and alerted. */
export function execution(change: Partial<Execution> = {}): Execution {
  return {
    id: 'dk3f9q2x',
    scenario: 'rundll32-ftp-dll',
    initiator: 'rundll32',
    protocol: 'ftp',
    variant: 'dll',
    profile: 'unbalanced',
    control: false,
    host: { id: 'ws01', name: 'WS01', role: 'workstation' },
    sink: { id: 'ftp', address: '127.0.2.1', port: 21 },
    commandLine: 'rundll32.exe C:\\Dyetrace\\dk3f9q2x\\dk3f9q2x.dll,Upload protocol=ftp',
    pid: 4711,
    startedAt: at(1),
    endedAt: at(2),
    exitCode: 0,
    outcome: 'alerted',
    expected: 'alerted',
    met: true,
    receipts: [
      {
        id: 'r1',
        protocol: 'ftp',
        sink: 'ftp',
        executionId: 'dk3f9q2x',
        direction: 'upload',
        command: 'STOR',
        sockets: [
          {
            role: 'control',
            transport: 'tcp',
            source: { ip: '127.0.1.1', port: 50001 },
            destination: { ip: '127.0.2.1', port: 21 },
            openedBy: 'client',
            bytesFromClient: 90,
            bytesToClient: 310,
          },
          {
            role: 'data',
            transport: 'tcp',
            source: { ip: '127.0.1.1', port: 50002 },
            destination: { ip: '127.0.2.1', port: 40001 },
            openedBy: 'client',
            bytesFromClient: 262_144,
            bytesToClient: 0,
          },
        ],
        fileName: 'dk3f9q2x.dat',
        size: 262_144,
        sha256: 'a'.repeat(64),
        complete: true,
        error: null,
        firstByteAt: at(1),
        lastByteAt: at(2),
      },
    ],
    legs: {
      process_creation: leg('seen', 'Sysmon 1 with the command line'),
      network_connection: leg('seen', 'Sysmon 3 for both sockets'),
      protocol_log: leg('seen', 'ftp.log has STOR'),
      flow_volume: leg('seen', 'conn.log has both connections'),
      gateway_log: leg('seen', 'the server logged the file'),
    },
    attribution: {
      grade: 'direct',
      expectedGrade: 'direct',
      socketOwner: { executable: 'C:\\Windows\\System32\\rundll32.exe', pid: 4711 },
      via: 'entity_id',
    },
    volume: { grade: 'measured', bytesOut: 262_234, truth: 262_234, errorPercent: 0 },
    chain: (['execute', 'deliver', 'sense', 'ship', 'parse', 'correlate', 'alert', 'route'] as const).map(
      (link) => ({ link, state: 'ok', legs: [], cause: null, evidence: [], text: `${link} is fine` }),
    ),
    alerts: [{ id: 'alert-1', rule: 'AN1169', at: at(4), severity: 'medium', category: 'exfiltration' }],
    gaps: [],
    timeToTelemetryMs: 300,
    timeToAlertMs: 2000,
    incidentCategory: 'exfiltration',
    errors: [],
    ...change,
  };
}

/** An upload over SMB whose connection never reached the SIEM. */
export function brokenExecution(): Execution {
  const base = execution();
  return execution({
    id: 'dab12cdz',
    scenario: 'cmd-smb-copy',
    initiator: 'cmd',
    protocol: 'smb',
    variant: 'copy',
    outcome: 'logged',
    met: false,
    legs: {
      ...base.legs,
      network_connection: leg('missing', 'no record of 127.0.1.1:50003 → 127.0.2.1:445 in the SIEM'),
    },
    chain: base.chain.map((entry) =>
      entry.link === 'ship'
        ? {
            ...entry,
            state: 'broken',
            legs: ['network_connection'],
            cause: 'forwarder-dropped',
            text: 'the host has Sysmon 3, the SIEM has not',
          }
        : entry,
    ),
    alerts: [],
    gaps: [
      {
        link: 'ship',
        leg: 'network_connection',
        cause: 'forwarder-dropped',
        text: 'lost on the way',
        remedy: 'winlogbeat.event_logs:\n  - name: Microsoft-Windows-Sysmon/Operational',
      },
    ],
    timeToAlertMs: null,
  });
}

export function runResult(
  executions: readonly Execution[] = [execution(), brokenExecution()],
  change: Partial<RunResult> = {},
): RunResult {
  const uploads = executions.filter(({ control, outcome }) => !control && outcome !== 'error');
  const count = (outcome: Execution['outcome']) => ({
    count: uploads.filter((one) => one.outcome === outcome).length,
    of: uploads.length,
  });
  return runResultSchema.parse({
    schema: 'dyetrace.run/1',
    run: {
      id: '20261124-120000-k3f9',
      startedAt: at(0),
      endedAt: at(30),
      lab: 'embedded',
      simulated: true,
      seed: 'golden',
      version: '0.1.0',
      interrupted: false,
      faults: [],
    },
    parameters: defaultParameters,
    executions,
    alerts: executions.flatMap((one) => one.alerts.map((alert) => ({ ...alert, execution: one.id }))),
    coverage: {
      outcomes: {
        blocked: count('blocked'),
        alerted: count('alerted'),
        logged: count('logged'),
        none: count('none'),
        error: { count: 0, of: uploads.length },
      },
      legs: Object.fromEntries(
        legs.map((name) => [
          name,
          {
            count: executions.filter((one) => one.legs[name].state === 'seen').length,
            of: executions.length,
          },
        ]),
      ),
      controls: { count: 0, of: 0 },
      met: { count: executions.filter(({ met }) => met).length, of: executions.length },
      errors: executions.filter(({ outcome }) => outcome === 'error').length,
      matrix: executions.map((one) => ({
        initiator: one.initiator,
        protocol: one.protocol,
        hostRole: one.host.role,
        outcome: one.outcome,
        executions: [one.id],
        legs: Object.fromEntries(legs.map((name) => [name, one.legs[name].state])),
      })),
    },
    findings: executions.flatMap((one) =>
      one.gaps.map((gap) => ({
        cause: gap.cause,
        title: 'The forwarder lost the record',
        link: gap.link,
        legs: gap.leg === null ? [] : [gap.leg],
        executions: [one.id],
        gain: 1,
        remedy: gap.remedy,
      })),
    ),
    clockSkew: [{ host: 'ws01', ms: 0, uncertaintyMs: 5 }],
    falsePositives: [],
    telemetry: [{ from: 'siem', source: 'winlogbeat', records: 5000, rejected: 0, error: null }],
    cleanup: { done: 12, left: [] },
    errors: [],
    ...change,
  });
}
