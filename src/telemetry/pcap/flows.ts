import type { Sql } from '../sql/sql.js';

/**
 * One row per conversation: who opened it (the first SYN tells, else who sent the first packet), bytes of payload each way, and what
 * the dissector took it for. Columns: n (first frame), stream, transport, source_*, destination_*, started, ended, bytes and packets.
 */
export const streams = (packets: string): Sql => `(
  with opened as (
    select stream, min(frame) AS n, min_by(source_ip, frame) AS first_ip, min_by(source_port, frame) AS first_port,
      min_by(destination_ip, frame) AS other_ip, min_by(destination_port, frame) AS other_port,
      -- A capture that starts with the answer to a SYN missed the opening packet.
      coalesce(min_by(source_ip, frame) FILTER (syn AND NOT ack), min_by(destination_ip, frame) FILTER (syn AND ack)) AS syn_ip,
      coalesce(min_by(source_port, frame) FILTER (syn AND NOT ack), min_by(destination_port, frame) FILTER (syn AND ack)) AS syn_port
    from ${packets} where stream IS NOT NULL group by stream),
  oriented as (
    select *, coalesce(syn_ip = other_ip AND syn_port = other_port, false) AS turned from opened),
  ends as (
    select stream, n, CASE WHEN turned THEN other_ip ELSE first_ip END AS source_ip,
      CASE WHEN turned THEN other_port ELSE first_port END AS source_port,
      CASE WHEN turned THEN first_ip ELSE other_ip END AS destination_ip,
      CASE WHEN turned THEN first_port ELSE other_port END AS destination_port from oriented),
  marked as (
    select p.*, e.n AS first, e.source_ip AS s_ip, e.source_port AS s_port, e.destination_ip AS d_ip, e.destination_port AS d_port,
      p.source_ip = e.source_ip AND p.source_port = e.source_port AS outgoing
    from ${packets} p join ends e using (stream))
  select first AS n, stream, any_value(transport) AS transport, any_value(s_ip) AS source_ip, any_value(s_port) AS source_port,
    any_value(d_ip) AS destination_ip, any_value(d_port) AS destination_port, min(seen) AS started, max(seen) AS ended,
    sum(payload) FILTER (outgoing) AS bytes_out, count(*) FILTER (outgoing) AS packets_out,
    sum(payload) FILTER (NOT outgoing) AS bytes_in, count(*) FILTER (NOT outgoing) AS packets_in,
    CASE WHEN bool_or(list_contains(protocols, 'ftp-data')) THEN 'ftp-data' WHEN bool_or(list_contains(protocols, 'ftp')) THEN 'ftp'
      WHEN bool_or(list_has_any(protocols, ['smb', 'smb2'])) THEN 'smb' WHEN bool_or(list_contains(protocols, 'tftp')) THEN 'tftp' END AS protocol
  from marked group by first, stream)`;

/** Columns of the model's `flow` table over {@link streams}. */
export const flowColumns: Readonly<Record<string, Sql>> = {
  'event.start': 'r.started',
  'event.end': 'r.ended',
  'source.ip': 'r.source_ip',
  'source.port': 'r.source_port',
  'destination.ip': 'r.destination_ip',
  'destination.port': 'r.destination_port',
  'network.transport': 'r.transport',
  'network.protocol': 'r.protocol',
  'source.bytes': 'coalesce(r.bytes_out, 0)',
  'source.packets': 'r.packets_out',
  'destination.bytes': 'coalesce(r.bytes_in, 0)',
  'destination.packets': 'r.packets_in',
  'flow.counter': `'payload'`,
  'flow.uid': 'r.stream',
};
