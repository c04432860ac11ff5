import type { Activity, SimulatedProcess, SimulatedSocket } from '../activity.js';
import { type EventDraft, type SensorHost, utcTime } from './draft.js';
import { sysmonChannel, sysmonProvider } from './event-manifest.js';
import { imageDetails } from './image-catalogue.js';
import { logonOf } from './logon.js';

// The Sysmon service of the simulated host.
const execution = { processId: 3192, threadId: 4212 };

function draft(eventId: number, at: number, data: Record<string, string>): EventDraft {
  return {
    channel: sysmonChannel,
    provider: sysmonProvider,
    eventId,
    at,
    execution,
    userId: 'S-1-5-18',
    data,
  };
}

const identity = (process: SimulatedProcess) => ({
  ProcessGuid: process.guid,
  ProcessId: String(process.pid),
  Image: process.image,
});

const noProcess = {
  ParentProcessGuid: '{00000000-0000-0000-0000-000000000000}',
  ParentProcessId: '0',
  ParentImage: '-',
  ParentCommandLine: '-',
  ParentUser: '-',
};

function processCreate(host: SensorHost, process: SimulatedProcess, at: number): EventDraft {
  const logon = logonOf(host.computer, process);
  const { hashes, ...image } = imageDetails(process);
  const { parent } = process;
  return draft(1, at, {
    RuleName: '-',
    UtcTime: utcTime(process.startedAt),
    ...identity(process),
    FileVersion: image.fileVersion,
    Description: image.description,
    Product: image.product,
    Company: image.company,
    OriginalFileName: process.originalFileName,
    CommandLine: process.commandLine,
    CurrentDirectory: process.currentDirectory,
    User: process.user,
    LogonGuid: logon.logonGuid,
    LogonId: logon.logonId,
    TerminalSessionId: String(logon.sessionId),
    IntegrityLevel: logon.integrityLevel,
    Hashes: hashes,
    ...(parent === null
      ? noProcess
      : {
          ParentProcessGuid: parent.guid,
          ParentProcessId: String(parent.pid),
          ParentImage: parent.image,
          ParentCommandLine: parent.commandLine,
          ParentUser: parent.user,
        }),
  });
}

/** Names of Windows' own `services` file, for the ports that appear here. */
const portNames: Readonly<Record<string, string>> = {
  'tcp/20': 'ftp-data',
  'tcp/21': 'ftp',
  'tcp/22': 'ssh',
  'udp/53': 'domain',
  'udp/69': 'tftp',
  'tcp/80': 'http',
  'tcp/139': 'netbios-ssn',
  'tcp/443': 'https',
  'tcp/445': 'microsoft-ds',
};

/** Sysmon writes IPv6 addresses uncompressed, without leading zeros: `fe80:0:0:0:0:0:0:1`. */
function sysmonAddress(ip: string): string {
  if (!ip.includes('::')) return ip;
  const [left = [], right = []] = ip.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].join(':');
}

/** Source is the initiator (so since Sysmon 10.42, December 2019), whichever end the host is. */
function networkConnect(socket: SimulatedSocket, at: number): EventDraft {
  const outbound = socket.openedBy === 'local';
  const [source, destination] = outbound ? [socket.local, socket.remote] : [socket.remote, socket.local];
  return draft(3, at, {
    RuleName: '-',
    UtcTime: utcTime(socket.openedAt),
    ...identity(socket.owner),
    User: socket.owner.user,
    Protocol: socket.transport,
    Initiated: String(outbound),
    SourceIsIpv6: String(source.ip.includes(':')),
    SourceIp: sysmonAddress(source.ip),
    SourceHostname: '-',
    SourcePort: String(source.port),
    SourcePortName: portNames[`${socket.transport}/${source.port}`] ?? '-',
    DestinationIsIpv6: String(destination.ip.includes(':')),
    DestinationIp: sysmonAddress(destination.ip),
    DestinationHostname: '-',
    DestinationPort: String(destination.port),
    DestinationPortName: portNames[`${socket.transport}/${destination.port}`] ?? '-',
  });
}

/** IPv4 answers stand as `::ffff:192.0.2.1;`. */
const queryResult = (answer: string) => (/^\d+(\.\d+){3}$/.test(answer) ? `::ffff:${answer};` : `${answer};`);

/**
 * What Sysmon (schema 4.50 and later, a configuration that includes everything) writes about an activity: 1, 3, 5, 11, 22.
 * https://learn.microsoft.com/sysinternals/downloads/sysmon
 */
export function sysmonEvents(host: SensorHost, activity: Activity): EventDraft[] {
  const { at } = activity;
  switch (activity.kind) {
    case 'process-started':
      return [processCreate(host, activity.process, at)];
    case 'process-ended':
      return [
        draft(5, at, {
          RuleName: '-',
          UtcTime: utcTime(at),
          ...identity(activity.process),
          User: activity.process.user,
        }),
      ];
    case 'socket-opened':
      return [networkConnect(activity.socket, at)];
    case 'file-created':
      return [
        draft(11, at, {
          RuleName: '-',
          UtcTime: utcTime(at),
          ...identity(activity.process),
          TargetFilename: activity.path,
          CreationUtcTime: utcTime(at),
          User: activity.process.user,
        }),
      ];
    case 'name-resolved':
      return [
        draft(22, at, {
          RuleName: '-',
          UtcTime: utcTime(at),
          ProcessGuid: activity.process.guid,
          ProcessId: String(activity.process.pid),
          QueryName: activity.name,
          QueryStatus: '0',
          QueryResults: activity.answers.map(queryResult).join(''),
          Image: activity.process.image,
          User: activity.process.user,
        }),
      ];
    default:
      return [];
  }
}
