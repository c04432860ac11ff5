import { isIP } from 'node:net';
import { canonicalIp, type Endpoint } from '../../core/index.js';

/** An FTP command: the verb in upper case, and the rest of the line. */
export interface FtpCommand {
  readonly verb: string;
  readonly argument: string;
}

/** RFC 959 §5.3: a verb of three or four letters, one space, an argument. @returns null for anything else */
export function parseCommand(line: string): FtpCommand | null {
  const match = /^([A-Za-z]{3,4})(?: ([^\p{Cc}]*))?$/u.exec(line);
  return match?.[1] === undefined ? null : { verb: match[1].toUpperCase(), argument: match[2] ?? '' };
}

function decimal(text: string, max: number): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= max ? Number(text) : null;
}

/** PORT's argument, RFC 959 §4.1.2: `h1,h2,h3,h4,p1,p2`. */
export function parseHostPort(text: string): Endpoint | null {
  const parts = text.split(',').map((part) => decimal(part, 255));
  const [a, b, c, d, high, low] = parts;
  if (parts.length !== 6 || parts.includes(null)) return null;
  return { ip: [a, b, c, d].join('.'), port: (high ?? 0) * 256 + (low ?? 0) };
}

/** The argument of PORT and of the 227 reply. The address is IPv4. */
export function formatHostPort(endpoint: Endpoint): string {
  return [...endpoint.ip.split('.'), endpoint.port >> 8, endpoint.port & 255].join(',');
}

/** EPRT's argument, RFC 2428 §2: `|1|192.0.2.1|6275|`, any printable delimiter. `unsupported` is another network protocol. */
export function parseExtendedHostPort(text: string): Endpoint | 'unsupported' | null {
  const delimiter = text.charAt(0);
  if (!/^[\x21-\x7e]$/.test(delimiter)) return null;
  const parts = text.split(delimiter);
  const [, protocol = '', address = '', portText = ''] = parts;
  if (parts.length !== 5 || parts[4] !== '') return null;
  if (protocol !== '1' && protocol !== '2') return /^\d+$/.test(protocol) ? 'unsupported' : null;
  const port = decimal(portText, 65535);
  const ip = isIP(address) === (protocol === '1' ? 4 : 6) ? canonicalIp(address) : undefined;
  return port === null || ip === undefined ? null : { ip, port };
}

/** The argument of EPRT. */
export function formatExtendedHostPort(endpoint: Endpoint): string {
  return `|${isIP(endpoint.ip) === 6 ? 2 : 1}|${endpoint.ip}|${endpoint.port}|`;
}
