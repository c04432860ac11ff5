import type { JsonShape } from '../json/shape.js';
import { mapping } from '../sql/mapping.js';

/** Names that nfdump 1.6 and 1.7 give to the same field. */
const others: Readonly<Record<string, readonly string[]>> = {
  first: ['t_first'],
  last: ['t_last'],
  src_addr: ['src4_addr', 'src6_addr'],
  dst_addr: ['dst4_addr', 'dst6_addr'],
};

/**
 * Flows as `nfdump -o json` writes them: NetFlow v5 and v9, IPFIX, sFlow. A record is one direction, unless the exporter sends both in
 * one or nfdump was told to put them together (-b, -B): then out_* is the way back. Bytes are those of IP packets. Times have no zone:
 * they are local to the machine that ran nfdump, and read as UTC (run it with TZ=UTC).
 * https://github.com/phaag/nfdump, man nfdump(1), "-o json"
 */
export const nfdumpShape: JsonShape = {
  paths: (name) => (others[name] === undefined ? [name] : [name, ...others[name]]).map((key) => [key]),
  kind: (field) => `('netflow ' || lower(left(${field('type')}, 20)))`,
  // Nothing in it tells two flows of one tuple and time apart.
  identity: () => 'NULL::VARCHAR',
  mappings: [
    mapping(
      'flow',
      ['netflow flow'],
      (field) => ({
        'event.ingested': `utc(coalesce(${field('received')}, ${field('t_received')}))`,
        'event.start': `utc(${field('first')})`,
        'event.end': `utc(${field('last')})`,
        'observer.name': `coalesce(${field('ip4_router')}, ${field('ip6_router')})`,
        'source.ip': `ip(${field('src_addr')})`,
        'source.port': `port(${field('src_port')})`,
        'destination.ip': `ip(${field('dst_addr')})`,
        'destination.port': `port(${field('dst_port')})`,
        'network.transport': `transport(${field('proto')})`,
        'source.bytes': `whole(${field('in_bytes')})`,
        'source.packets': `whole(${field('in_packets')})`,
        // 0 where the exporter knows one direction only.
        'destination.bytes': `NULLIF(whole(${field('out_bytes')}), 0)`,
        'destination.packets': `NULLIF(whole(${field('out_packets')}), 0)`,
        'flow.counter': `'ip'`,
        // The collector has multiplied the counters of sampled flows: they are estimates.
        'flow.state': `absent(concat_ws(' ', absent(replace(${field('tcp_flags')}, '.', '')), CASE WHEN whole(${field('sampled')}) > 0 THEN 'sampled' END))`,
      }),
      (field) => `other_service(${field('dst_port')}) OR other_service(${field('src_port')})`,
    ),
  ],
};
