import { canonicalIp, rfc3339, type Endpoint } from '../core/index.js';
import type { Refusal, SinkOptions } from './types.js';

/** The canonical form of a peer's address and port; a socket that has gone already has neither. */
export function endpoint(address: string | undefined, port: number | undefined): Endpoint {
  return { ip: canonicalIp(address ?? '') ?? address ?? '', port: port ?? 0 };
}

/** Says whether an address is one of the clients that the sink serves. */
export function clientGate(clients: readonly string[]): (ip: string) => boolean {
  const allowed = new Set(clients.map((client) => canonicalIp(client)));
  return (ip) => allowed.has(canonicalIp(ip)) && canonicalIp(ip) !== undefined;
}

/** Text of a peer as it may stand in a file or on a terminal: no control characters, and not without end. */
export function printable(text: string): string {
  const safe = text.replaceAll(/\p{Cc}/gu, '?');
  return safe.length > 200 ? `${safe.slice(0, 200)}…` : safe;
}

/** Notes what was turned away. */
export function refuser(
  options: SinkOptions,
  protocol: Refusal['protocol'],
): (client: Endpoint, what: string, reason: string) => void {
  return (client, what, reason) =>
    options.onRefusal({
      sink: options.id,
      protocol,
      at: rfc3339(options.clock.now()),
      client,
      what: printable(what),
      reason,
    });
}
