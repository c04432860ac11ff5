import type { Sql } from './sql.js';

/** What an FTP command does, in the model's words. RFC 959, 2389, 2428, 3659, 4217. */
export const ftpAction = (command: Sql): Sql => `CASE
  WHEN ${command} IN ('STOR', 'STOU', 'APPE') THEN 'write'
  WHEN ${command} = 'RETR' THEN 'read'
  WHEN ${command} IN ('DELE', 'RMD') THEN 'delete'
  WHEN ${command} IN ('LIST', 'NLST', 'MLSD', 'MLST') THEN 'list'
  WHEN ${command} IN ('PASV', 'EPSV', 'PORT', 'EPRT') THEN 'channel'
  WHEN ${command} IN ('<init>', 'USER', 'PASS', 'ACCT', 'AUTH') THEN 'connect'
  ELSE 'other' END`;

/** RFC 959, section 4.2: 2yz completes, 4yz and 5yz refuse; 1yz and 3yz say nothing yet. */
export const ftpOutcome = (code: Sql): Sql =>
  `CASE WHEN ${code} BETWEEN 200 AND 299 THEN 'success' WHEN ${code} BETWEEN 400 AND 599 THEN 'failure' END`;

/** Whether a command's argument is a path. */
export const ftpNamesFile = (command: Sql): Sql =>
  `${command} IN ('STOR', 'STOU', 'APPE', 'RETR', 'DELE', 'SIZE', 'MDTM', 'RNFR', 'RNTO')`;

/** RFC 4217: 234 accepts AUTH, and all that follows is encrypted. */
export const ftpEncrypted = (command: Sql, code: Sql): Sql =>
  `CASE WHEN ${command} = 'AUTH' AND ${code} = 234 THEN true END`;

const six = '([0-9]{1,3},[0-9]{1,3},[0-9]{1,3},[0-9]{1,3}),([0-9]{1,3}),([0-9]{1,3})';

/** Address in `h1,h2,h3,h4,p1,p2` (PORT's argument, 227's text), or between EPRT's bars. */
export const ftpAddress = (text: Sql): Sql => `coalesce(
  ip(replace(absent(regexp_extract(${text}, '${six}', 1)), ',', '.')),
  ip(absent(regexp_extract(${text}, '\\|[12]\\|([^|]+)\\|[0-9]+\\|', 1))))`;

/** Port in the same places, and in 229's `(|||port|)`. */
export const ftpPort = (text: Sql): Sql => `coalesce(
  TRY_CAST(regexp_extract(${text}, '${six}', 2) AS INTEGER) * 256 + TRY_CAST(regexp_extract(${text}, '${six}', 3) AS INTEGER),
  port(absent(regexp_extract(${text}, '\\|[^|]*\\|[^|]*\\|([0-9]+)\\|', 1))))`;
