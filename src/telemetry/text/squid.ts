import { mapping, type Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import type { LineFormat } from './format.js';

/** Squid writes when a request ended, and how many milliseconds it took. */
const end = (field: Field): Sql => `epoch(${field('time')})`;
const host = (field: Field): Sql =>
  `trim(absent(regexp_extract(${field('url')}, '^(?:[a-z]+://)?(?:[^@/]*@)?(\\[[^\\]]*\\]|[^:/\\[\\]]+)', 1)), '[]')`;
const explicitPort = (field: Field): Sql =>
  `port(absent(regexp_extract(${field('url')}, '^(?:[a-z]+://)?(?:[^@/]*@)?(?:\\[[^\\]]*\\]|[^:/\\[\\]]+):([0-9]+)(?:/|$)', 1)))`;
const isFtp = (field: Field): Sql => `starts_with(${field('url')}, 'ftp://')`;

const endpoints = (field: Field) => ({
  'source.ip': `ip(${field('client')})`,
  // The address that Squid connected to, unless that is another proxy.
  'destination.ip': `coalesce(CASE WHEN ${field('hierarchy')} IN ('HIER_DIRECT', 'DIRECT', 'ORIGINAL_DST', 'PINNED') THEN ip(${field('peer')}) END, ip(${host(field)}))`,
  // RFC 1738, section 3.2.2: a URL of FTP without a port means 21.
  'destination.port': `coalesce(${explicitPort(field)}, CASE WHEN ${isFtp(field)} THEN 21 END)`,
  'network.transport': `'tcp'`,
});

/** Squid's access.log in its native format: tunnels, requests of ftp:// URLs, and what it denied. */
export const squidFormat: LineFormat = {
  page: 'https://wiki.squid-cache.org/Features/LogFormat',
  forms: [
    {
      pattern:
        String.raw`(?<time>\d{9,10}\.\d{3}) +(?<elapsed>-?\d+) (?<client>\S+) (?<result>[A-Z_]+)/(?<status>\d{3}) (?<bytes>\d+) (?<method>\S+) (?<url>\S+) ` +
        String.raw`(?<user>\S+) (?<hierarchy>[A-Z_]+)/(?<peer>\S+) \S+(?: \[.*\])?`,
      // 407 asks for a password: no more than a step on the way.
      kind: (field) => `CASE
        WHEN ${field('status')} = '407' THEN 'squid authentication'
        WHEN contains(${field('result')}, 'DENIED') THEN 'squid denied'
        WHEN ${field('method')} = 'CONNECT' THEN 'squid tunnel'
        WHEN ${isFtp(field)} THEN 'squid ftp' ELSE 'squid http' END`,
    },
  ],
  mappings: [
    mapping(
      'flow',
      ['squid tunnel'],
      (field) => ({
        ...endpoints(field),
        'event.start': `${end(field)} - to_milliseconds(TRY_CAST(${field('elapsed')} AS BIGINT))`,
        'event.end': end(field),
        // %<st counts what went to the client; what came from it is not in the native format.
        'destination.bytes': `whole(${field('bytes')})`,
        'flow.counter': `'payload'`,
        'flow.state': `${field('result')} || '/' || ${field('status')}`,
      }),
      (field) => `other_service(CAST(${explicitPort(field)} AS VARCHAR))`,
    ),
    mapping('transfer', ['squid ftp'], (field) => {
      const path = `absent(regexp_extract(${field('url')}, '^ftp://[^/]*(/.*)$', 1))`;
      return {
        ...endpoints(field),
        '@timestamp': end(field),
        'observer.type': `'gateway'`,
        'network.protocol': `'ftp'`,
        'event.action': `CASE WHEN ends_with(${field('url')}, '/') THEN 'list' WHEN ${field('method')} IN ('PUT', 'POST') THEN 'write'
          WHEN ${field('method')} = 'GET' THEN 'read' WHEN ${field('method')} = 'DELETE' THEN 'delete' ELSE 'other' END`,
        'transfer.command': field('method'),
        // Squid's own status is HTTP's.
        'event.outcome': `CASE WHEN whole(${field('status')}) BETWEEN 200 AND 299 THEN 'success' WHEN whole(${field('status')}) >= 400 THEN 'failure' END`,
        'file.path': `TRY(url_decode(${path}))`,
        'file.name': `TRY(base_name(url_decode(${path})))`,
        'user.name': field('user'),
      };
    }),
    mapping('prevention', ['squid denied'], (field) => ({
      ...endpoints(field),
      '@timestamp': end(field),
      'event.reason': `concat('denied by the proxy: ', ${field('method')}, ' ', ${field('url')}, ' (', ${field('result')}, '/', ${field('status')}, ')')`,
    })),
  ],
};
