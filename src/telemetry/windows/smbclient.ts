import { mapping, type Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { windowsColumns } from './events.js';

/** The address in two spellings: a SOCKADDR in hex (ws2def.h: family, then port and address in network order), or as text. */
const address = (field: Field): Sql => `coalesce(${field('Address')}, ${field('RemoteAddress')})`;

const byte = (text: Sql, at: number): Sql => `CAST('0x' || substr(${text}, ${String(at)}, 2) AS INTEGER)`;

function ip(text: Sql): Sql {
  const four = [9, 11, 13, 15].map((at) => byte(text, at)).join(', ');
  const eight = [17, 21, 25, 29, 33, 37, 41, 45].map((at) => `substr(${text}, ${String(at)}, 4)`).join(', ');
  return `CASE WHEN regexp_full_match(${text}, '0200[0-9A-Fa-f]{12,}') THEN ip(concat_ws('.', ${four}))
    WHEN regexp_full_match(${text}, '1700[0-9A-Fa-f]{44,}') THEN ip(concat_ws(':', ${eight}))
    ELSE coalesce(ip(${text}), ip(regexp_extract(${text}, '^\\[?(.*?)\\]?:[0-9]+$', 1))) END`;
}

const port = (text: Sql): Sql => `CASE
  WHEN regexp_full_match(${text}, '(0200|1700)[0-9A-Fa-f]{12,}') THEN ${byte(text, 5)} * 256 + ${byte(text, 7)}
  ELSE port(absent(regexp_extract(${text}, '^(?:\\[.*\\]|[0-9.]+):([0-9]+)$', 1))) END`;

const server = (field: Field): Sql => `absent(ltrim(${field('ServerName')}, '\\'))`;

/**
 * 30803: the SMB client could not establish a connection. 30804 (disconnected), 30805 (session lost), 30807 (share lost) tell of
 * connections that there were: servers close idle ones every day, so that they are evidence of no prevention; 30806 (session
 * re-established) still less.
 * https://learn.microsoft.com/troubleshoot/windows-server/networking/troubleshoot-smb-connectivity
 */
export const smbclientMappings = [
  mapping('prevention', ['smbclient 30803'], (field) => ({
    ...windowsColumns(field),
    '@timestamp': `utc(${field('At')})`,
    'destination.ip': `coalesce(${ip(address(field))}, ip(${server(field)}))`,
    'destination.port': port(address(field)),
    'network.transport': `'tcp'`,
    'event.reason': `concat_ws(', ', 'the SMB client could not connect to ' || ${server(field)}, 'status ' || ${field('Status')})`,
  })),
];
