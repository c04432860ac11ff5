import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { gatewayKind, gatewayMappings, type GatewayEvent } from './firewall.js';
import type { LineFormat } from './format.js';
import { syslogHeader, syslogHost, syslogTime } from './syslog.js';
import { bsdTime } from './time.js';

/** A part of the header: a bar in it is escaped. */
const part = (name: string): string => String.raw`(?<${name}>(?:[^|\\]|\\.)*)`;

/** Keys whose values may have blanks in them. */
const texts = new Set([
  'act',
  'app',
  'dvchost',
  'end',
  'filePath',
  'fname',
  'reason',
  'rt',
  'start',
  'suser',
]);

/**
 * A key's value ends where the next key begins; in it, an equals sign and a backslash are escaped. What is looked for without a pattern
 * is found ten times as fast.
 */
function extension(name: string, group: Field): Sql {
  const after = `split_part(' ' || ${group('extension')}, ${literal(` ${name}=`)}, 2)`;
  if (!texts.has(name)) return `absent(split_part(${after}, ' ', 1))`;
  const value = `trim(regexp_replace(${after}, '(^| )[A-Za-z0-9_.\\[\\]-]+=.*$', ''))`;
  return `absent(CASE WHEN contains(${after}, '=') OR contains(${after}, '\\') THEN replace(replace(${value}, '\\=', '='), '\\\\', '\\') ELSE trim(${after}) END)`;
}

/** Milliseconds since the epoch, `MMM dd yyyy HH:mm:ss` or `MMM dd HH:mm:ss`, with milliseconds or a zone's name that is left out. */
const cefTime = (text: Sql, field: Field): Sql =>
  `coalesce(CASE WHEN regexp_full_match(${text}, '[0-9]{12,14}') THEN make_timestamp(CAST(${text} AS BIGINT) * 1000) END, utc(${text}),
    ${bsdTime(`regexp_extract(${text}, '^[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9:]{8}')`, field)})`;

function eventOf(field: Field): GatewayEvent {
  const time = (name: string): Sql => cefTime(field(name), field);
  const received = `coalesce(${time('rt')}, ${time('end')}, ${syslogTime(field)})`;
  const address = (v4: string, v6: string): Sql => `coalesce(${field(v4)}, ${field(v6)})`;
  return {
    addressed: `${address('src', 'c6a2')} IS NOT NULL AND ${address('dst', 'c6a3')} IS NOT NULL`,
    time: received,
    start: time('start'),
    end: `coalesce(${time('end')}, ${received})`,
    observer: `coalesce(${field('dvchost')}, ${field('dvc')}, ${syslogHost(field)})`,
    sourceIp: `ip(${address('src', 'c6a2')})`,
    sourcePort: `port(${field('spt')})`,
    destinationIp: `ip(${address('dst', 'c6a3')})`,
    destinationPort: `port(${field('dpt')})`,
    transport: `transport(${field('proto')})`,
    application: field('app'),
    // Seen from the source: `out` goes to the destination. ArcSight's dictionary, "bytesOut".
    sent: `whole(${field('out')})`,
    received: `whole(${field('in')})`,
    action: field('act'),
    reason: `concat_ws(': ', ${field('name')}, ${field('reason')})`,
    path: `coalesce(${field('filePath')}, ${field('fname')})`,
    size: `whole(${field('fsize')})`,
    user: field('suser'),
  };
}

/** ArcSight's Common Event Format, versions 0 and 1, bare or by syslog: events of firewalls and other gateways. */
export const cefFormat: LineFormat = {
  page: 'https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/pdfdoc/cef-implementation-standard/cef-implementation-standard.pdf',
  forms: [
    {
      has: 'CEF:',
      pattern: `(?:${syslogHeader})?CEF: ?[01]\\|${part('vendor')}\\|${part('product')}\\|${part('version')}\\|${part('event')}\\|${part('name')}\\|${part('severity')}\\|(?<extension>.*)`,
      derive: extension,
      kind: (field) => gatewayKind('cef', eventOf(field)),
    },
  ],
  mappings: gatewayMappings('cef', eventOf),
};
