import { describe, expect, it } from 'vitest';
import {
  change,
  drop,
  firstBroken,
  gapsOf,
  goodWorld,
  silence,
  sinkAddress,
  variants,
  verifyFirst,
  type ModelRow,
  type World,
} from '../../helpers/verify-world.js';

const sysmon = (code: string) => (row: ModelRow) =>
  row['event.module'] === 'sysmon' && row['event.code'] === code && !String(row['event.id']).includes('life');
const security = (code: string) => (row: ModelRow) =>
  row['event.module'] === 'security' &&
  row['event.code'] === code &&
  !String(row['event.id']).includes('life');
const either =
  (...which: ((row: ModelRow) => boolean)[]) =>
  (row: ModelRow) =>
    which.some((each) => each(row));
const starts = either(sysmon('1'), security('4688'));
const connects = either(sysmon('3'), security('5156'));
const ours = (row: ModelRow) => !String(row['event.id']).includes('life');
const everything = () => true;

type Case = readonly [
  name: string,
  variant: keyof typeof variants,
  broken: (world: World) => void,
  first: string,
  gaps: readonly string[],
];

const cases: Case[] = [
  [
    "neither GUID nor PID of a connection is a process's",
    'ftpActive',
    (world) => {
      for (const tables of [world.host, world.siem])
        change(tables, 'connection', connects, () => ({
          'process.entity_id': 'other',
          'process.pid': 77_777,
        }));
      silence(world);
    },
    'correlate',
    ['correlate network_connection process-key-mismatch'],
  ],
  [
    'the GUIDs of connections are wrong and the analytic finds no tie',
    'ftpActive',
    (world) => {
      for (const tables of [world.host, world.siem])
        change(tables, 'connection', sysmon('3'), () => ({ 'process.entity_id': 'other' }));
      silence(world);
    },
    'correlate',
    ['correlate network_connection process-key-mismatch'],
  ],
  [
    'the SIEM knows the host by a name that the lab does not',
    'smb',
    (world) => {
      for (const table of ['process', 'connection'] as const)
        change(world.siem, table, ours, () => ({ 'host.name': 'collector-7' }));
      silence(world);
    },
    'correlate',
    ['correlate network_connection host-name-mismatch'],
  ],
  [
    'the clock of the host is an hour ahead',
    'smb',
    (world) => {
      for (const tables of [world.host, world.siem])
        for (const table of ['process', 'connection'] as const)
          change(tables, table, ours, (row) => ({
            '@timestamp': new Date(Date.parse(String(row['@timestamp'])) + 3_600_000).toISOString(),
          }));
      silence(world);
    },
    'correlate',
    ['correlate network_connection clock-skew'],
  ],
  [
    'the sink sees a translated address',
    'ftpPassive',
    (world) => {
      world.receipts = world.receipts.map((receipt) => ({
        ...receipt,
        sockets: receipt.sockets.map((socket) => ({
          ...socket,
          source: { ip: '192.0.2.1', port: socket.source.port + 7 },
        })),
      }));
      silence(world);
    },
    'correlate',
    ['correlate network_connection address-translated'],
  ],
  [
    "the lab's own thresholds lie above the transfer",
    'ftpPassive',
    (world) => {
      world.hits = world.hits.map((hit) => ({ ...hit, severity: 'informational' }));
      world.siem.alert = [];
    },
    'alert',
    ['alert analytic-silent'],
  ],
  [
    'the SIEM has no rule',
    'smb',
    noAlert((world) => (world.collection.rules = [])),
    'alert',
    ['alert rule-absent'],
  ],
  ['the rule is off', 'smb', noAlert(rule({ enabled: false })), 'alert', ['alert rule-disabled']],
  [
    'the rule leaves out private addresses',
    'tftp',
    noAlert(rule({ excludesPrivateAddresses: true })),
    'alert',
    ['alert rule-excludes-private'],
  ],
  [
    'the rule asks for more',
    'ftpActive',
    noAlert(rule({ largeTransferBytes: 1e9, dataFlowDirectionThreshold: 0.999 })),
    'alert',
    ['alert rule-threshold'],
  ],
  [
    'the rule looks back too short',
    'smb',
    noAlert(rule({ lookBackMs: 500 })),
    'alert',
    ['alert rule-look-back'],
  ],
  [
    'two settings of the rule are wrong at once',
    'smb',
    noAlert(rule({ excludesPrivateAddresses: true, lookBackMs: 500 })),
    'alert',
    ['alert rule-excludes-private', 'alert rule-look-back'],
  ],
  ['nothing explains why the rule is silent', 'smb', noAlert(rule({})), 'alert', ['alert rule-silent']],
  [
    'the SIEM does not show its rules',
    'smb',
    noAlert((world) => (world.collection.rules = null)),
    'alert',
    ['alert rule-silent'],
  ],
  [
    'the alert has the wrong category',
    'ftpPassive',
    (world) => change(world.siem, 'alert', everything, () => ({ 'incident.category': 'phishing' })),
    'route',
    ['route wrong-category'],
  ],
  [
    'the alert has no category',
    'ftpPassive',
    (world) => change(world.siem, 'alert', everything, () => ({ 'incident.category': null })),
    'route',
    ['route category-missing'],
  ],
];

function noAlert(also: (world: World) => void): (world: World) => void {
  return (world) => {
    world.siem.alert = [];
    also(world);
  };
}

function rule(settings: Partial<NonNullable<World['collection']['rules']>[number]>): (world: World) => void {
  return (world) => {
    world.collection.rules = (world.collection.rules ?? []).map((each) => ({ ...each, ...settings }));
  };
}

describe('one thing broken on correlate, alert or route', () => {
  it.each(cases)('%s (%s)', async (_, variant, broken, first, gaps) => {
    const world = goodWorld(variants[variant]);
    broken(world);
    const execution = await verifyFirst(world);
    expect(gapsOf(execution)).toEqual(gaps);
    expect(firstBroken(execution)).toBe(first);
    expect(execution.outcome).toBe(execution.alerts.length > 0 ? 'alerted' : 'logged');
  });
});

describe('two things broken', () => {
  it('names both, each on its own leg', async () => {
    const world = goodWorld(variants.smb);
    drop(world.siem, 'connection', connects);
    change(world.siem, 'process', starts, () => ({ 'process.command_line': null }));
    silence(world);
    expect(gapsOf(await verifyFirst(world))).toEqual([
      'ship network_connection forwarder-dropped',
      'parse process_creation field-unmapped',
    ]);
  });

  it('leaves the rule unjudged where the telemetry is not enough to fire on', async () => {
    const world = goodWorld(variants.smb);
    drop(world.siem, 'flow', ours);
    world.hits = world.hits.map((hit) => ({ ...hit, severity: 'informational', bytesOut: null }));
    world.siem.alert = [];
    const execution = await verifyFirst(world);
    expect(execution.chain.find(({ link }) => link === 'alert')).toMatchObject({
      state: 'unknown',
      cause: null,
    });
    expect(execution.volume).toMatchObject({ grade: 'absent', bytesOut: null });
  });

  it('names the rule as well where the analytic still fires', async () => {
    const world = goodWorld(variants.smb);
    drop(world.siem, 'transfer', (row) => ours(row) && row['observer.type'] === 'server');
    noAlert(rule({ enabled: false }))(world);
    expect(gapsOf(await verifyFirst(world))).toEqual([
      'sense gateway_log gateway-log-missing',
      'alert rule-disabled',
    ]);
  });
});

describe('remedies', () => {
  it('speak of the host, the sink and the port of the execution', async () => {
    const world = goodWorld(variants.ftpPassive);
    for (const tables of [world.host, world.siem]) drop(tables, 'connection', connects);
    const [gap] = (await verifyFirst(world)).gaps;
    expect(gap?.remedy).toContain('<DestinationPort condition="is">21</DestinationPort>');
    expect(gap?.remedy).toContain('on WS01');
    noAlert(rule({ excludesPrivateAddresses: true }))(world);
    const { gaps } = await verifyFirst(world);
    expect(gaps.at(-1)?.text).toContain(sinkAddress);
  });
});
