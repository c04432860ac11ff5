import type { Activity, SimulatedProcess, SimulatedSocket } from '../activity.js';
import { type EventDraft, hex, type SensorHost } from './draft.js';
import { securityChannel, securityProvider } from './event-manifest.js';
import { type Logon, logonOf } from './logon.js';

// The audit subsystem writes in the name of System.
const execution = { processId: 4, threadId: 5076 };

function draft(eventId: number, at: number, data: Record<string, string>): EventDraft {
  return { channel: securityChannel, provider: securityProvider, eventId, at, execution, userId: null, data };
}

/** The machine's own account stands for SYSTEM: `WS01$`. */
function subject(host: SensorHost, logon: Logon): Record<string, string> {
  const system = logon.sid === 'S-1-5-18';
  return {
    SubjectUserSid: logon.sid,
    SubjectUserName: system ? `${host.computer}$` : logon.name,
    SubjectDomainName: system ? 'WORKGROUP' : logon.domain,
    SubjectLogonId: logon.logonId,
  };
}

function target(logon: Logon | null): Record<string, string> {
  return {
    TargetUserSid: logon?.sid ?? 'S-1-0-0',
    TargetUserName: logon?.name ?? '-',
    TargetDomainName: logon?.domain ?? '-',
    TargetLogonId: logon?.logonId ?? '0x0',
  };
}

/** Event 4688, version 2. The subject is the creator; the target is filled where the process runs as somebody else. */
function processCreated(host: SensorHost, process: SimulatedProcess, at: number): EventDraft {
  const own = logonOf(host.computer, process);
  const creator = process.parent === null ? own : logonOf(host.computer, process.parent);
  return draft(4688, at, {
    ...subject(host, creator),
    NewProcessId: hex(process.pid),
    NewProcessName: process.image,
    TokenElevationType: own.tokenElevationType,
    ProcessId: hex(process.parent?.pid ?? 0),
    CommandLine: process.commandLine,
    ...target(creator.sid === own.sid ? null : own),
    ParentProcessName: process.parent?.image ?? '',
    MandatoryLabel: own.mandatoryLabel,
  });
}

/** `C:\Windows\System32\ftp.exe` → `\device\harddiskvolume3\windows\system32\ftp.exe`; System stays. */
export function devicePath(image: string): string {
  return image === 'System' ? image : image.toLowerCase().replace(/^[a-z]:/, '\\device\\harddiskvolume3');
}

/** Source is whoever opened the connection, in both directions. */
function connectionAllowed(socket: SimulatedSocket, at: number): EventDraft {
  const outbound = socket.openedBy === 'local';
  const [source, destination] = outbound ? [socket.local, socket.remote] : [socket.remote, socket.local];
  const v6 = source.ip.includes(':');
  return draft(5156, at, {
    ProcessID: String(socket.owner.pid),
    Application: devicePath(socket.owner.image),
    Direction: outbound ? '%%14593' : '%%14592',
    SourceAddress: source.ip,
    SourcePort: String(source.port),
    DestAddress: destination.ip,
    DestPort: String(destination.port),
    Protocol: socket.transport === 'tcp' ? '6' : '17',
    FilterRTID: outbound ? '67260' : '66362',
    LayerName: outbound ? '%%14611' : '%%14610',
    LayerRTID: outbound ? (v6 ? '50' : '48') : v6 ? '46' : '44',
    RemoteUserID: 'S-1-0-0',
    RemoteMachineID: 'S-1-0-0',
  });
}

/** The firewall drops what comes in unasked; which local port was meant, the activity does not say. */
function connectionBlocked(
  host: SensorHost,
  activity: Extract<Activity, { kind: 'prevented' }>,
): EventDraft[] {
  if (activity.by !== 'firewall' || activity.remote === null) return [];
  return [
    draft(5157, activity.at, {
      ProcessID: String(activity.process.pid),
      Application: devicePath(activity.process.image),
      Direction: '%%14592',
      SourceAddress: activity.remote.ip,
      SourcePort: String(activity.remote.port),
      DestAddress: host.address,
      DestPort: '-',
      Protocol: '-',
      FilterRTID: '66362',
      LayerName: '%%14610',
      LayerRTID: '44',
      RemoteUserID: 'S-1-0-0',
      RemoteMachineID: 'S-1-0-0',
    }),
  ];
}

/**
 * What the Security log holds with the audit policies Process Creation (with command line), Process Termination and Filtering
 * Platform Connection on: 4688, 4689, 5156, 5157.
 * https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4688
 */
export function securityEvents(host: SensorHost, activity: Activity): EventDraft[] {
  const { at } = activity;
  switch (activity.kind) {
    case 'process-started':
      return [processCreated(host, activity.process, at)];
    case 'process-ended':
      return [
        draft(4689, at, {
          ...subject(host, logonOf(host.computer, activity.process)),
          Status: hex(activity.exitCode >>> 0),
          ProcessId: hex(activity.process.pid),
          ProcessName: activity.process.image,
        }),
      ];
    case 'socket-opened':
      return [connectionAllowed(activity.socket, at)];
    case 'prevented':
      return connectionBlocked(host, activity);
    default:
      return [];
  }
}
