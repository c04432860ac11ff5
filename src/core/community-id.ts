import { createHash } from 'node:crypto';
import { canonicalIp, type Endpoint } from './net.js';

const protocolNumbers = { tcp: 6, udp: 17 } as const;

/** Network byte order: 4 bytes for IPv4 (also IPv4-mapped), 16 for IPv6. */
function addressBytes(ip: string): Buffer {
  const address = canonicalIp(ip);
  if (address === undefined) throw new RangeError(`no IP address: ${ip}`);
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const all = [...left, ...zeros, ...right];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function packed(endpoint: Endpoint): { address: Buffer; port: Buffer } {
  const port = Buffer.alloc(2);
  port.writeUInt16BE(endpoint.port);
  return { address: addressBytes(endpoint.ip), port };
}

/**
 * Community ID v1 with seed 0 of a TCP or UDP flow: the same for both directions.
 * https://github.com/corelight/community-id-spec
 * @throws RangeError for what is no address or no port.
 */
export function communityId(transport: 'tcp' | 'udp', source: Endpoint, destination: Endpoint): string {
  const [a, b] = [packed(source), packed(destination)];
  const order = Buffer.compare(a.address, b.address) || Buffer.compare(a.port, b.port);
  const [low, high] = order <= 0 ? [a, b] : [b, a];
  const seed = Buffer.alloc(2);
  const digest = createHash('sha1')
    .update(seed)
    .update(low.address)
    .update(high.address)
    // Protocol number, then one byte of padding.
    .update(Buffer.from([protocolNumbers[transport], 0]))
    .update(low.port)
    .update(high.port)
    .digest('base64');
  return `1:${digest}`;
}
