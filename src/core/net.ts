import { isIP } from 'node:net';

/** An address and a port. The address is in canonical form (see {@link canonicalIp}). */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
}

/**
 * One spelling per address: IPv4-mapped IPv6 becomes IPv4, IPv6 is compressed and lower case (RFC 5952), brackets and zone go.
 * @returns undefined for what is no address.
 */
export function canonicalIp(text: string): string | undefined {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '');
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) !== 6) return undefined;
  const compressed = new URL(`http://[${bare}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(compressed);
  if (mapped?.[1] === undefined || mapped[2] === undefined) return compressed;
  const [high, low] = [Number.parseInt(mapped[1], 16), Number.parseInt(mapped[2], 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Loopback, RFC 1918, RFC 4193, link-local: what public rules leave out as "internal". */
export function isPrivateIp(ip: string): boolean {
  const address = canonicalIp(ip);
  if (address === undefined) return false;
  if (address.includes(':')) return address === '::1' || /^(f[cd]|fe[89ab])/.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254)
  );
}
