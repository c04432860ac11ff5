import type { Field } from '../sql/mapping.js';
import { literal, type Sql } from '../sql/sql.js';
import { gatewayKind, gatewayMappings, type GatewayEvent } from './firewall.js';
import type { LineFormat } from './format.js';
import { syslogHeader, syslogHost, syslogTime } from './syslog.js';
import { bsdTime } from './time.js';

/** Version 2 may name another separator than a tab, as it is or in hexadecimal: `^`, `x5E`, `0x5E`. */
const separator = (group: Field): Sql => `coalesce(CASE
  WHEN regexp_full_match(${group('separator')}, '0?x[0-9A-Fa-f]{1,4}') THEN chr(CAST('0x' || regexp_extract(${group('separator')}, '[0-9A-Fa-f]+$') AS INTEGER))
  ELSE ${group('separator')} END, chr(9))`;

function attribute(name: string, group: Field): Sql {
  const attributes = `chr(9) || replace(${group('attributes')}, ${separator(group)}, chr(9))`;
  return `absent(trim(split_part(split_part(${attributes}, ${literal(`\t${name}=`)}, 2), chr(9), 1)))`;
}

/** `MMM dd yyyy HH:mm:ss` and its kind, milliseconds since the epoch, or RFC 3339; other formats of `devTimeFormat` are not read. */
const leefTime = (field: Field): Sql => {
  const text = field('devTime');
  return `coalesce(CASE WHEN regexp_full_match(${text}, '[0-9]{12,14}') THEN make_timestamp(CAST(${text} AS BIGINT) * 1000) END, utc(${text}),
    ${bsdTime(`regexp_extract(${text}, '^[A-Z][a-z]{2} [ 0-9]?[0-9] (?:[0-9]{4} )?[0-9:]{8}')`, field)}, ${syslogTime(field)})`;
};

function eventOf(field: Field): GatewayEvent {
  const time = leefTime(field);
  return {
    addressed: `${field('src')} IS NOT NULL AND ${field('dst')} IS NOT NULL`,
    time,
    start: 'NULL::TIMESTAMP',
    end: time,
    observer: `coalesce(${field('identHostName')}, ${syslogHost(field)})`,
    sourceIp: `ip(${field('src')})`,
    sourcePort: `port(${field('srcPort')})`,
    destinationIp: `ip(${field('dst')})`,
    destinationPort: `port(${field('dstPort')})`,
    transport: `transport(${field('proto')})`,
    application: `coalesce(${field('app')}, ${field('application')}, ${field('Application')})`,
    sent: `whole(${field('srcBytes')})`,
    received: `whole(${field('dstBytes')})`,
    action: `coalesce(${field('action')}, ${field('act')}, ${field('Action')})`,
    reason: `concat_ws(': ', ${field('event')}, ${field('policy')})`,
    path: `coalesce(${field('filePath')}, ${field('fileName')}, ${field('resource')})`,
    size: `whole(${field('fileSize')})`,
    user: field('usrName'),
  };
}

/** QRadar's Log Event Extended Format, versions 1.0 and 2.0, bare or by syslog. */
export const leefFormat: LineFormat = {
  page: 'https://www.ibm.com/docs/en/dsm?topic=leef-overview',
  forms: [
    {
      has: 'LEEF:2.0|',
      pattern: String.raw`(?:${syslogHeader})?LEEF:2\.0\|(?<vendor>[^|]*)\|(?<product>[^|]*)\|(?<version>[^|]*)\|(?<event>[^|]*)\|(?:(?<separator>[^|=\t]?|0?x[0-9A-Fa-f]{1,4})\|)?(?<attributes>.*)`,
      derive: attribute,
      kind: (field) => gatewayKind('leef', eventOf(field)),
    },
    {
      has: 'LEEF:1.0|',
      pattern: String.raw`(?:${syslogHeader})?LEEF:1\.0\|(?<vendor>[^|]*)\|(?<product>[^|]*)\|(?<version>[^|]*)\|(?<event>[^|]*)\|(?<attributes>.*)`,
      derive: attribute,
      kind: (field) => gatewayKind('leef', eventOf(field)),
    },
  ],
  mappings: gatewayMappings('leef', eventOf),
};
