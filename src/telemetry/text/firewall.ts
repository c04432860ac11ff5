import { mapping, type Field, type Mapping } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';

/** An event of a firewall or another gateway: every value is an expression in the model's type, NULL where it is not said. */
export interface GatewayEvent {
  /** Whether it names two addresses, as a truth value. */
  readonly addressed: Sql;
  readonly time: Sql;
  readonly start: Sql;
  readonly end: Sql;
  readonly observer: Sql;
  readonly sourceIp: Sql;
  readonly sourcePort: Sql;
  readonly destinationIp: Sql;
  readonly destinationPort: Sql;
  readonly transport: Sql;
  readonly application: Sql;
  /** What the source sent, and what came back. */
  readonly sent: Sql;
  readonly received: Sql;
  readonly action: Sql;
  readonly reason: Sql;
  readonly path: Sql;
  readonly size: Sql;
  readonly user: Sql;
}

const denies =
  '^(deny|denied|drop|dropped|block|blocked|reject|rejected|prevent|prevented|discard|discarded|terminate|terminated|failure|reset.*|(policy-)?deny|.*[ -](block|blocked|deny|denied|drop|dropped))$';

const protocols: readonly (readonly [pattern: string, protocol: string])[] = [
  ['^tftp', 'tftp'],
  ['^ftp[-_ ]?data', 'ftp-data'],
  ['^ftps?', 'ftp'],
  ['^(smb|cifs|ms-?ds|microsoft-ds|ms-smb|netbios-ss)', 'smb'],
];

/** The three protocols by the names that firewalls have for them; others as they are, in lower case. */
const protocolOf = (application: Sql): Sql =>
  `CASE ${protocols.map(([pattern, name]) => `WHEN regexp_matches(lower(${application}), '${pattern}') THEN '${name}'`).join(' ')} ELSE lower(${application}) END`;

/**
 * The kind of an event: `denied` (and `denied-traffic`, with bytes), `file` (of one of the three protocols), `traffic`, or else `event`.
 * An event without two addresses says nothing about a connection.
 */
export function gatewayKind(module: string, event: GatewayEvent): Sql {
  const counted = `coalesce(${event.sent}, ${event.received}) IS NOT NULL`;
  const inProtocol = `${protocolOf(event.application)} IN ('ftp', 'ftp-data', 'smb', 'tftp')`;
  const named = `${event.path} IS NOT NULL AND ${inProtocol}`;
  const allowed = `regexp_matches(lower(${event.action}), '^(allow|allowed|accept|accepted|permit|permitted|pass|passed|built|teardown|close|closed|success)')`;
  return `CASE WHEN NOT (${event.addressed}) THEN '${module} event'
    WHEN regexp_matches(lower(${event.action}), '${denies}') THEN CASE WHEN ${counted} THEN '${module} denied-traffic' ELSE '${module} denied' END
    WHEN ${named} THEN CASE WHEN ${counted} THEN '${module} file-traffic' ELSE '${module} file' END
    WHEN ${counted} OR ${allowed} THEN '${module} traffic' ELSE '${module} event' END`;
}

/** Rows of a gateway's events: what passed is a flow, what did not is a prevention, and a named file is a transfer. */
export function gatewayMappings(module: string, eventOf: (field: Field) => GatewayEvent): Mapping[] {
  const endpoints = (event: GatewayEvent) => ({
    'source.ip': event.sourceIp,
    'source.port': event.sourcePort,
    'destination.ip': event.destinationIp,
    'destination.port': event.destinationPort,
    'network.transport': event.transport,
  });
  const flow = (field: Field) => {
    const event = eventOf(field);
    return {
      ...endpoints(event),
      'event.start': event.start,
      'event.end': event.end,
      'observer.name': event.observer,
      'network.protocol': protocolOf(event.application),
      'source.bytes': event.sent,
      'destination.bytes': event.received,
      'flow.state': event.action,
    };
  };
  const prevention = (field: Field) => {
    const event = eventOf(field);
    return {
      ...endpoints(event),
      '@timestamp': event.time,
      'file.path': event.path,
      'event.reason': `concat_ws(', ', ${event.action}, ${event.reason})`,
    };
  };
  const transfer = (field: Field) => {
    const event = eventOf(field);
    const outgoing = `coalesce(${event.sent}, 0) > coalesce(${event.received}, 0)`;
    return {
      ...endpoints(event),
      '@timestamp': event.time,
      'observer.type': `'gateway'`,
      'observer.name': event.observer,
      'network.protocol': `replace(${protocolOf(event.application)}, '-data', '')`,
      // The record names a file and no direction: the bytes tell it where they are given.
      'event.action': `CASE WHEN coalesce(${event.sent}, ${event.received}) IS NULL THEN 'other' WHEN ${outgoing} THEN 'write' ELSE 'read' END`,
      'file.size': event.size,
      'file.path': event.path,
      'file.name': `base_name(${event.path})`,
      'user.name': `user_name(${event.user})`,
      'user.domain': `user_domain(${event.user})`,
    };
  };
  const kind = (name: string): readonly string[] => [`${module} ${name}`];
  const unneeded = (field: Field): Sql => {
    const event = eventOf(field);
    return `other_service(CAST(${event.destinationPort} AS VARCHAR)) AND NOT coalesce(regexp_matches(${protocolOf(event.application)}, 'ftp|smb'), false)`;
  };
  return [
    mapping('flow', kind('traffic'), flow, unneeded),
    mapping('flow', kind('denied-traffic'), flow),
    mapping('prevention', kind('denied-traffic'), prevention),
    mapping('prevention', kind('denied'), prevention),
    mapping('transfer', kind('file'), transfer),
    mapping('transfer', kind('file-traffic'), transfer),
    mapping('flow', kind('file-traffic'), flow),
  ];
}
