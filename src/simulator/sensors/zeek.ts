import type { Activity, SimulatedSocket } from '../activity.js';
import type { FaultHooks, ShippedRecord } from '../types.js';
import { connectionId, connRecord, fileRecord, seconds, zeekId, type ZeekRecord } from './zeek-records.js';

type Of<Kind extends Activity['kind']> = Extract<Activity, { kind: Kind }>;

/** FTP::logged_commands, https://docs.zeek.org/en/master/scripts/base/protocols/ftp/main.zeek.html */
const loggedCommands = ['APPE', 'DELE', 'RETR', 'STOR', 'STOU', 'ACCT', 'PORT', 'PASV', 'EPRT', 'EPSV'];
/** Commands whose argument becomes a URL. */
const fileCommands = ['APPE', 'DELE', 'RETR', 'STOR', 'STOU'];
const guests = ['anonymous', 'ftp', 'ftpuser', 'guest'];

/** What Zeek keeps of an FTP session. */
interface FtpState {
  workingDirectory: string;
  encrypted: boolean;
}

export interface NetworkSensor {
  (activity: Activity): void;
  /** Flows that are still open, as a sensor writes them when it ends. */
  finish(at: number): void;
}

/** `ftp://192.0.2.1/./file`; IPv6 in brackets. An argument with a leading slash stands by itself. */
function ftpUrl(socket: SimulatedSocket, directory: string, argument: string): string {
  const { ip } = socket.remote;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const path = argument.startsWith('/') ? argument : `${directory}/${argument}`.replace('//', '/');
  return `ftp://${host}${path.startsWith('/') ? path : `/${path}`}`;
}

function ftpRecord(activity: Of<'ftp-command'>, state: FtpState, fuid: string | null): ZeekRecord {
  const { socket, data, argument, command, user } = activity;
  const arg =
    argument !== null && fileCommands.includes(command)
      ? ftpUrl(socket, state.workingDirectory, argument)
      : argument;
  return {
    ts: seconds(activity.at),
    uid: zeekId('C', socket.id),
    ...connectionId(socket),
    user: user ?? '<unknown>',
    ...(user === null || guests.includes(user) ? {} : { password: '<hidden>' }),
    command,
    ...(arg === null ? {} : { arg }),
    reply_code: activity.replyCode,
    reply_msg: activity.replyText,
    ...(data === null
      ? {}
      : {
          'data_channel.passive': data.passive,
          'data_channel.orig_h': data.source.ip,
          'data_channel.resp_h': data.destination.ip,
          'data_channel.resp_p': data.destination.port,
        }),
    ...(fuid === null ? {} : { fuid }),
  };
}

/**
 * A Zeek sensor on the host's network, with JSON logs: conn, ftp, files and smb_files, as Zeek's default scripts and the
 * community-id policy write them. A flow is written when it ends; UDP flows too, without the minute that Zeek waits
 * (udp_inactivity_timeout). smb_files has FILE_OPEN only (SMB::logged_file_actions), TFTP has no log at all.
 */
export function zeekSensor(options: {
  /** Name of the sensor. */
  readonly sensor: string;
  readonly faults: readonly FaultHooks[];
  readonly ship: (record: ShippedRecord) => void;
}): NetworkSensor {
  const open = new Map<string, SimulatedSocket>();
  const sessions = new Map<string, FtpState>();
  let contents = 0;

  function write(log: string, at: number, made: ZeekRecord): void {
    const source = `zeek-${log}`;
    let record: ZeekRecord | null = made;
    for (const fault of options.faults) {
      if (record === null) return;
      if (fault.networkRecord !== undefined) record = fault.networkRecord(source, record);
    }
    if (record !== null) options.ship({ source, host: options.sensor, at, record });
  }

  function session(socket: SimulatedSocket): FtpState {
    const state = sessions.get(socket.id) ?? { workingDirectory: '.', encrypted: false };
    sessions.set(socket.id, state);
    return state;
  }

  const newFuid = (socket: SimulatedSocket) => zeekId('F', `${socket.id}\n${(contents += 1)}`);

  function ftpCommand(activity: Of<'ftp-command'>): void {
    const { at, socket, command, replyCode, content } = activity;
    const state = session(socket);
    if (state.encrypted) return;
    if (command === 'AUTH' && replyCode === 234) state.encrypted = true;
    if (command === 'PWD' && replyCode === 257) {
      state.workingDirectory = /"(.*)"/.exec(activity.replyText)?.[1] ?? state.workingDirectory;
    }
    if (command === 'CWD' && replyCode === 250 && activity.argument !== null) {
      const { argument } = activity;
      state.workingDirectory = argument.startsWith('/') ? argument : `${state.workingDirectory}/${argument}`;
    }
    if (!loggedCommands.includes(command)) return;
    const fuid = content === null || content.bytes === 0 ? null : newFuid(content.socket);
    if (content !== null && fuid !== null) {
      const file = { at, fuid, socket: content.socket, source: 'FTP_DATA' as const };
      const record = fileRecord({
        ...file,
        fromLocal: command !== 'RETR',
        bytes: content.bytes,
        fileName: null,
      });
      write('files', at, record);
    }
    write('ftp', at, ftpRecord(activity, state, fuid));
  }

  function smbFile(activity: Of<'smb-file'>): void {
    const { at, socket, fileName } = activity;
    if (activity.encrypted === true) return;
    if (activity.action === 'open') {
      write('smb_files', at, {
        ts: seconds(at),
        uid: zeekId('C', socket.id),
        ...connectionId(socket),
        action: 'SMB::FILE_OPEN',
        path: activity.share,
        name: fileName,
        size: 0,
      });
      return;
    }
    if (activity.bytes === 0) return;
    const fromLocal = activity.action === 'write';
    const { bytes } = activity;
    const fuid = newFuid(socket);
    write('files', at, fileRecord({ at, fuid, socket, source: 'SMB', fromLocal, bytes, fileName }));
  }

  const sensor = (activity: Activity): void => {
    switch (activity.kind) {
      case 'socket-opened':
        open.set(activity.socket.id, activity.socket);
        break;
      case 'socket-closed': {
        const { socket } = activity;
        open.delete(socket.id);
        const encrypted = sessions.get(socket.id)?.encrypted ?? false;
        sessions.delete(socket.id);
        write('conn', activity.at, connRecord(socket, activity, encrypted));
        break;
      }
      case 'ftp-command':
        ftpCommand(activity);
        break;
      case 'smb-file':
        smbFile(activity);
        break;
      default:
    }
  };
  return Object.assign(sensor, {
    finish(at: number): void {
      for (const socket of open.values()) {
        write('conn', at, connRecord(socket, null, sessions.get(socket.id)?.encrypted ?? false));
      }
      open.clear();
    },
  });
}
