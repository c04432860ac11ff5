import { literal } from './sql.js';

/**
 * SQL macros that every mapping uses. They are installed once per store; all of them give NULL for what they cannot read.
 * Texts in, model values out.
 */

const timePattern = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?: ?Z|[+-]\d\d(?::?\d\d)?)?`;
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';

export const macros: readonly string[] = [
  // Absent is NULL, '' or '-' (Windows, Zeek).
  `create macro absent(x) AS CASE WHEN x IN ('', '-') THEN NULL ELSE x END`,
  // RFC 3339 and its relatives; times without a zone are UTC. The pattern keeps out names of zones, 'infinity', and long years.
  `create macro utc(x) AS make_timestamp(epoch_us(TRY_CAST(CASE WHEN regexp_full_match(x, ${literal(timePattern)}) THEN x END AS TIMESTAMPTZ)))`,
  // Seconds since the epoch as decimal text: a double holds today's to a quarter of a microsecond (a wide decimal is 200 times as slow).
  `create macro epoch(x) AS make_timestamp(CAST(CASE WHEN TRY_CAST(x AS DOUBLE) BETWEEN 0 AND 253402300799
    THEN round(TRY_CAST(x AS DOUBLE) * 1000000) END AS BIGINT))`,
  `create macro whole(x) AS CASE WHEN NOT contains(x, '.') THEN TRY_CAST(x AS BIGINT) END`,
  `create macro port(x) AS CASE WHEN NOT contains(x, '.') THEN CAST(TRY_CAST(x AS USMALLINT) AS INTEGER) END`,
  // Zeek writes \\\\ for a backslash and \\xHH for other bytes (its ASCII writer).
  `create macro zeek_text(x) AS CASE WHEN NOT contains(x, '\\') THEN x
    ELSE coalesce(TRY(decode(TRY_CAST(replace(x, '\\\\', '\\x5C') AS BLOB))), replace(x, '\\\\', '\\')) END`,
  `create macro bool(x) AS CASE lower(x) WHEN 'true' THEN true WHEN 't' THEN true WHEN 'false' THEN false WHEN 'f' THEN false END`,
  `create macro guid(x) AS NULLIF(absent(lower(trim(x, '{} '))), '00000000-0000-0000-0000-000000000000')`,
  // Sysmon writes <unknown process> where it could not tell; some exporters escape it.
  `create macro image(x) AS CASE WHEN x LIKE '%unknown process%' AND NOT contains(x, '\\') THEN NULL ELSE absent(x) END`,
  `create macro base_name(x) AS absent(parse_filename(x, false, 'both_slash'))`,
  // DOMAIN\\name, or a name alone.
  `create macro user_name(x) AS absent(CASE WHEN contains(x, '\\') THEN regexp_extract(x, '[^\\\\]*$') ELSE x END)`,
  `create macro user_domain(x) AS absent(CASE WHEN contains(x, '\\') THEN split_part(x, '\\', 1) END)`,
  `create macro transport(x) AS CASE lower(x) WHEN '6' THEN 'tcp' WHEN '17' THEN 'udp' WHEN '1' THEN 'icmp' WHEN '58' THEN 'ipv6-icmp'
    ELSE CASE WHEN regexp_full_match(x, '[0-9]*|-') THEN NULL ELSE lower(x) END END`,
  // The spelling that canonicalIp() in core/net.ts gives; IPv4 has only one, so that nothing leaves the database for it.
  `create macro ip(x) AS CASE
    WHEN contains(x, ':') THEN canonical_ipv6(x)
    WHEN regexp_full_match(trim(x), ${literal(`${octet}(?:\\.${octet}){3}`)}) THEN trim(x) END`,
];

/**
 * Ports at which another protocol is spoken, by convention (IANA): SSH, SMTP, DNS, HTTP, Kerberos, POP3, NTP, RPC's mapper, IMAP, SNMP,
 * LDAP, HTTPS, SMTP over TLS, syslog, LDAP over TLS, IMAP and POP3 over TLS, SQL Server, the global catalogue, MySQL, RDP, PostgreSQL,
 * mDNS, LLMNR, WinRM, HTTP's second port.
 */
const otherPorts = [
  22, 25, 53, 80, 88, 110, 123, 135, 143, 161, 389, 443, 465, 514, 587, 636, 993, 995, 1433, 3268, 3269, 3306,
  3389, 5353, 5355, 5432, 5985, 5986, 8080,
];

/**
 * Macros that tell which records bear on none of the three protocols. They leave nothing out unless the store was opened to hold a
 * hunt's candidates only.
 * @param kept ports that are one of the three protocols' here.
 */
export function candidateMacros(candidatesOnly: boolean, kept: readonly number[]): string[] {
  const ports = otherPorts.filter((port) => !kept.includes(port)).map((port) => literal(String(port)));
  return [
    `create macro other_service(port) AS ${candidatesOnly ? `coalesce(port IN (${ports.join(', ')}), false)` : 'false'}`,
    // A process's file on a drive of its own; what System writes came in by SMB.
    `create macro other_file(image, path) AS ${
      candidatesOnly ? `coalesce(image <> 'System' AND regexp_matches(path, '^[A-Za-z]:'), false)` : 'false'
    }`,
  ];
}
