import type { Endpoint } from '../../../core/index.js';
import type { Activity, SimulatedSocket } from '../../activity.js';
import type { ClientHost, Meter } from '../meter.js';
import type { Tap } from '../tcp.js';
import { channelOfCommand, channelOfReply, replyReader } from './wire.js';

type FtpCommand = Extract<Activity, { kind: 'ftp-command' }>;

/** Reads an FTP control connection as it passes, whatever client speaks there, and reports each command with its final reply. */
export interface FtpObserver {
  /** For the control connection's socket. */
  readonly control: Tap;
  /** For the data connections' sockets, in either direction. */
  readonly data: Tap;
}

const uploads = new Set(['STOR', 'APPE', 'STOU']);

export function ftpObserver(host: ClientHost): FtpObserver {
  const pending: { command: string; argument: string | null }[] = [];
  let control: SimulatedSocket | null = null;
  let transfer: Meter | null = null;
  let user: string | null = null;
  let line = '';

  function data(command: string, argument: string | null, code: number, text: string): FtpCommand['data'] {
    if (control === null || code < 200 || code > 299) return null;
    const announced = channelOfReply(code, text, control.remote.ip);
    if (announced !== null) {
      return { passive: true, source: { ip: control.local.ip, port: null }, destination: announced };
    }
    const offered: Endpoint | null = channelOfCommand(command, argument ?? '');
    return offered === null
      ? null
      : { passive: false, source: { ip: control.remote.ip, port: null }, destination: offered };
  }

  function replied(code: number, text: string): void {
    if (code < 200) return;
    const next = pending.shift();
    const socket = control;
    // The greeting answers no command.
    if (next === undefined || socket === null) return;
    const { command, argument } = next;
    if (command === 'USER') user = argument;
    const at = host.clock.now();
    const channel = data(command, argument, code, text);
    const report = (content: FtpCommand['content']): void => {
      // What sensors and logs show of PASS is never the password.
      const shown = command === 'PASS' ? '<hidden>' : argument;
      host.bus.emit({
        kind: 'ftp-command',
        at,
        socket,
        command,
        argument: shown,
        replyCode: code,
        replyText: text,
        user,
        data: channel,
        content,
      });
    };
    const meter = transfer;
    const moves = command === 'RETR' || uploads.has(command);
    if (!moves || meter === null) {
      report(null);
      return;
    }
    transfer = null;
    // The reply may overtake the last bytes of a download.
    meter.onClose(() => {
      const bytes = uploads.has(command) ? meter.bytesSent : meter.bytesReceived;
      report({ bytes, socket: meter.socket, fileName: argument ?? '' });
    });
  }

  const replies = replyReader((reply) => replied(reply.code, reply.text));
  return {
    control: {
      opened: (meter) => {
        control = meter.socket;
      },
      sent(chunk) {
        line += chunk.toString('utf8');
        for (let at = line.indexOf('\r\n'); at >= 0; at = line.indexOf('\r\n')) {
          const [, command = '', argument] = /^(\S+)(?: (.*))?$/s.exec(line.slice(0, at)) ?? [];
          pending.push({ command: command.toUpperCase(), argument: argument ?? null });
          line = line.slice(at + 2);
        }
      },
      received: replies,
    },
    data: {
      opened: (meter) => {
        transfer = meter;
      },
    },
  };
}
