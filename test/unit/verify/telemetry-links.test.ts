import { describe, expect, it } from 'vitest';
import {
  change,
  drop,
  firstBroken,
  gapsOf,
  goodWorld,
  iso,
  silence,
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
    'the sensor does not log process creation',
    'smb',
    (world) => {
      for (const tables of [world.host, world.siem]) drop(tables, 'process', starts);
      silence(world);
    },
    'sense',
    ['sense process_creation process-creation-not-logged'],
  ],
  [
    'Sysmon leaves process creation out and only Security logs it',
    'smb',
    (world) => {
      for (const tables of [world.host, world.siem]) drop(tables, 'process', sysmon('1'));
    },
    'sense',
    ['sense process_creation process-creation-not-logged'],
  ],
  [
    'the command line is not recorded',
    'smb',
    (world) => {
      for (const tables of [world.host, world.siem])
        change(tables, 'process', starts, () => ({ 'process.command_line': null }));
      silence(world);
    },
    'sense',
    ['sense process_creation command-line-not-logged'],
  ],
  [
    'the sensor does not log connections',
    'ftpPassive',
    (world) => {
      for (const tables of [world.host, world.siem]) drop(tables, 'connection', connects);
      silence(world);
    },
    'sense',
    ['sense network_connection network-connection-not-logged'],
  ],
  [
    'Sysmon is stopped and Security audits nothing',
    'smb',
    (world) => {
      for (const tables of [world.host, world.siem]) {
        drop(
          tables,
          'process',
          either(starts, (row) => row['event.module'] === 'sysmon'),
        );
        drop(tables, 'connection', connects);
      }
      silence(world);
    },
    'sense',
    ['sense process_creation sensor-silent', 'sense network_connection sensor-silent'],
  ],
  [
    'Sysmon does not record the process GUID of connections',
    'tftp',
    (world) => {
      for (const tables of [world.host, world.siem])
        change(tables, 'connection', sysmon('3'), () => ({ 'process.entity_id': null }));
    },
    'sense',
    ['sense network_connection field-not-recorded'],
  ],
  [
    'the network sensor does not take the session for FTP',
    'ftpPassive',
    (world) => drop(world.siem, 'transfer', (row) => ours(row) && row['observer.type'] === 'sensor'),
    'sense',
    ['sense protocol_log protocol-log-missing'],
  ],
  [
    'the network sensor does not see the path',
    'tftp',
    (world) => {
      drop(world.siem, 'flow', ours);
      silence(world);
    },
    'sense',
    ['sense flow_volume flow-log-missing'],
  ],
  [
    'the flow of the FTP data connection is not there',
    'ftpActive',
    (world) => {
      drop(world.siem, 'flow', (row) => row['source.port'] === 20);
      silence(world);
    },
    'sense',
    ['sense flow_volume flow-incomplete'],
  ],
  [
    'flows are sampled',
    'smb',
    (world) => {
      change(world.siem, 'flow', ours, (row) => ({
        'source.bytes': Math.round(Number(row['source.bytes']) / 100),
      }));
      silence(world);
    },
    'sense',
    ['sense flow_volume flow-incomplete'],
  ],
  [
    'the server logs other transfers and not this one',
    'tftp',
    (world) => drop(world.siem, 'transfer', (row) => ours(row) && row['observer.type'] === 'server'),
    'sense',
    ['sense gateway_log gateway-log-missing'],
  ],
  [
    'the session is encrypted',
    'smb',
    (world) =>
      change(
        world.siem,
        'transfer',
        (row) => ours(row) && row['observer.type'] === 'sensor',
        () => ({ 'file.name': null, 'event.action': 'connect', 'network.encrypted': true }),
      ),
    'sense',
    ['sense protocol_log content-encrypted'],
  ],
  [
    'the forwarder drops connection events',
    'smb',
    (world) => {
      drop(world.siem, 'connection', connects);
      silence(world);
    },
    'ship',
    ['ship network_connection forwarder-dropped'],
  ],
  [
    'the forwarder drops Sysmon 3 and leaves 5156',
    'ftpPassive',
    (world) => drop(world.siem, 'connection', sysmon('3')),
    'ship',
    ['ship network_connection forwarder-dropped'],
  ],
  [
    'the forwarder drops process creation',
    'ftpActive',
    (world) => {
      drop(world.siem, 'process', starts);
      silence(world);
    },
    'ship',
    ['ship process_creation forwarder-dropped'],
  ],
  [
    'the forwarder is behind',
    'smb',
    (world) => {
      drop(world.siem, 'process', (row) => String(row['@timestamp']) > iso(0));
      drop(world.siem, 'connection', everything);
      silence(world);
    },
    'ship',
    ['ship process_creation forwarder-late', 'ship network_connection forwarder-late'],
  ],
  [
    'no channel of the host is forwarded',
    'smb',
    (world) => {
      drop(world.siem, 'process', everything);
      drop(world.siem, 'connection', everything);
      silence(world);
    },
    'ship',
    ['ship process_creation channel-not-forwarded', 'ship network_connection channel-not-forwarded'],
  ],
  [
    'the SIEM loses the destination port',
    'ftpPassive',
    (world) => {
      change(world.siem, 'connection', connects, () => ({ 'destination.port': null }));
      silence(world);
    },
    'parse',
    ['parse network_connection field-unmapped'],
  ],
  [
    'the SIEM loses the command line',
    'smb',
    (world) => {
      change(world.siem, 'process', starts, () => ({ 'process.command_line': null }));
      silence(world);
    },
    'parse',
    ['parse process_creation field-unmapped'],
  ],
  [
    'the SIEM loses every address',
    'tftp',
    (world) => {
      change(world.siem, 'connection', connects, () => ({
        'source.ip': null,
        'source.port': null,
        'destination.ip': null,
        'destination.port': null,
      }));
      silence(world);
    },
    'parse',
    ['parse network_connection field-unmapped'],
  ],
  [
    'the SIEM stores another port',
    'ftpPassive',
    (world) => {
      change(world.siem, 'connection', connects, () => ({ 'destination.port': 2 }));
      silence(world);
    },
    'parse',
    ['parse network_connection field-mistyped'],
  ],
  [
    'the SIEM cuts the command line',
    'smb',
    (world) => {
      change(world.siem, 'process', starts, (row) => ({
        'process.command_line': String(row['process.command_line']).slice(0, 20),
      }));
      silence(world);
    },
    'parse',
    ['parse process_creation field-truncated'],
  ],
  [
    'endpoint records are two hours off in the SIEM',
    'ftpPassive',
    (world) => {
      const later = (row: ModelRow) => ({
        '@timestamp': new Date(Date.parse(String(row['@timestamp'])) + 7_200_000).toISOString(),
      });
      change(world.siem, 'process', starts, later);
      change(world.siem, 'connection', connects, later);
      silence(world);
    },
    'parse',
    ['parse process_creation wrong-time-zone', 'parse network_connection wrong-time-zone'],
  ],
  [
    "the network sensor's flows are five and a half hours off, which no host's own record can show",
    'tftp',
    (world) => {
      change(world.siem, 'flow', ours, (row) => ({
        'event.start': new Date(Date.parse(String(row['event.start'])) - 5 * 3_600_000).toISOString(),
      }));
      silence(world);
    },
    'parse',
    ['parse flow_volume wrong-time-zone'],
  ],
  [
    'the SIEM takes the time of arrival for the time of the event',
    'smb',
    (world) => {
      change(world.siem, 'process', starts, () => ({ '@timestamp': iso(200_000) }));
      silence(world);
    },
    'parse',
    ['parse process_creation event-time-lost'],
  ],
  [
    'flow records have no counters',
    'smb',
    (world) => {
      change(world.siem, 'flow', ours, () => ({ 'source.bytes': null, 'destination.bytes': null }));
      silence(world);
    },
    'parse',
    ['parse flow_volume sense-or-parse'],
  ],
  [
    'the protocol log has no file name',
    'ftpPassive',
    (world) =>
      change(
        world.siem,
        'transfer',
        (row) => ours(row) && row['observer.type'] === 'sensor',
        () => ({ 'file.name': null }),
      ),
    'parse',
    ['parse protocol_log sense-or-parse'],
  ],
];

describe('one thing broken on sense, ship or parse', () => {
  it.each(cases)('%s (%s)', async (_, variant, broken, first, gaps) => {
    const world = goodWorld(variants[variant]);
    broken(world);
    const execution = await verifyFirst(world);
    expect(gapsOf(execution)).toEqual(gaps);
    expect(firstBroken(execution)).toBe(first);
    expect(execution.outcome).toBe(execution.alerts.length > 0 ? 'alerted' : 'logged');
  });
});
