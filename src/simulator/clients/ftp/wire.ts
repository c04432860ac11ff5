import type { Endpoint } from '../../../core/index.js';

export interface FtpReply {
  readonly code: number;
  /** Without the code; lines of a multi-line reply joined by line breaks. */
  readonly text: string;
}

/** Cuts a control connection's bytes into replies (RFC 959, 4.2: `123-` opens a reply of several lines, `123 ` ends it). */
export function replyReader(onReply: (reply: FtpReply) => void): (chunk: Buffer) => void {
  let rest = '';
  let lines: string[] = [];
  let code = '';
  return (chunk) => {
    rest += chunk.toString('utf8');
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n')) {
      const line = rest.slice(0, at).replace(/\r$/, '');
      rest = rest.slice(at + 1);
      const [, digits, mark] = /^(\d{3})([ -])/.exec(line) ?? [];
      if (lines.length === 0 && digits !== undefined) code = digits;
      if (lines.length === 0 && digits === undefined) continue;
      const final = digits === code && mark === ' ';
      lines.push(digits === code ? line.slice(4) : line);
      if (!final) continue;
      const text = lines.join('\r\n');
      lines = [];
      onReply({ code: Number(code), text });
    }
  };
}

function octets(text: string): Endpoint | null {
  const parts = /(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = parts;
  return { ip: `${a}.${b}.${c}.${d}`, port: high * 256 + low };
}

/** The data channel that a reply to PASV (227) or EPSV (229, RFC 2428: same host as the control connection) announces. */
export function channelOfReply(code: number, text: string, serverIp: string): Endpoint | null {
  if (code === 227) return octets(text);
  const port = code === 229 ? /\(([!-~])\1\1(\d+)\1\)/.exec(text)?.[2] : undefined;
  return port === undefined ? null : { ip: serverIp, port: Number(port) };
}

/** The data channel that PORT (RFC 959) or EPRT (RFC 2428) offers. */
export function channelOfCommand(command: string, argument: string): Endpoint | null {
  if (command === 'PORT') return octets(argument);
  const [, , ip, port] = command === 'EPRT' ? (/^([!-~])[12]\1(.+)\1(\d+)\1$/.exec(argument) ?? []) : [];
  return ip === undefined || port === undefined ? null : { ip, port: Number(port) };
}

/** PORT's argument for an IPv4 endpoint. */
export function portArgument(endpoint: Endpoint): string {
  return [...endpoint.ip.split('.'), endpoint.port >> 8, endpoint.port & 255].join(',');
}
