import { rfc3339, type Endpoint } from '../core/index.js';
import type { Protocol } from '../config/index.js';

/** One line of a sink's own log, before it takes its ECS shape. */
export interface GatewayEvent {
  readonly at: number;
  readonly sink: string;
  readonly protocol: Protocol;
  readonly transport: 'tcp' | 'udp';
  /** `write` and `read` for transfers, `login`, `refuse` for the rest. */
  readonly action: string;
  readonly outcome: 'success' | 'failure';
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly user?: string | null;
  readonly file?: { readonly name: string; readonly size?: number; readonly sha256?: string };
  /** The protocol's own fields: `command`, `reply_code`, … */
  readonly details: Readonly<Record<string, string | number>>;
}

/** The record that a gateway log would hold (ECS 8 field names; dataset `dyetrace_sink.<protocol>`). Unknown fields are absent. */
export function gatewayRecord(event: GatewayEvent): Readonly<Record<string, unknown>> {
  const { file } = event;
  return {
    '@timestamp': rfc3339(event.at),
    event: {
      module: 'dyetrace_sink',
      dataset: `dyetrace_sink.${event.protocol}`,
      action: event.action,
      outcome: event.outcome,
    },
    observer: { type: 'server', name: event.sink },
    source: { ip: event.client.ip, port: event.client.port },
    destination: { ip: event.server.ip, port: event.server.port },
    network: { protocol: event.protocol, transport: event.transport },
    ...(file === undefined
      ? {}
      : {
          file: {
            name: file.name,
            ...(file.size === undefined ? {} : { size: file.size }),
            ...(file.sha256 === undefined ? {} : { hash: { sha256: file.sha256 } }),
          },
        }),
    ...(event.user === undefined || event.user === null ? {} : { user: { name: event.user } }),
    [event.protocol]: event.details,
  };
}
