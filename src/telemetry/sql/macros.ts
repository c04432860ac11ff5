/**
 * SQL macros that every mapping uses. They are installed once per store; all of them give NULL for what they cannot read.
 * Texts in, model values out.
 */

/** Eight groups of hexadecimal digits, in text, without leading zeros: the long form of an IPv6 address, or NULL. */
const longForm = `
  list_transform([lower(regexp_replace(regexp_replace(trim(x), '^\\[(.*)\\]$', '\\1'), '%.*$', ''))], lambda bare:
    list_transform([
      CASE WHEN regexp_matches(bare, ':[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$')
        THEN regexp_replace(bare, '[0-9.]+$', '') || list_transform(
          [string_split(regexp_extract(bare, '[0-9.]+$'), '.')],
          lambda q: CASE WHEN len(list_filter(q, lambda o: TRY_CAST(o AS UTINYINT) IS NULL)) = 0
            THEN format('{:x}:{:x}', CAST(q[1] AS INT) * 256 + CAST(q[2] AS INT), CAST(q[3] AS INT) * 256 + CAST(q[4] AS INT))
            ELSE 'x' END)[1]
        ELSE bare END], lambda hex:
      list_transform([[
        CASE WHEN split_part(hex, '::', 1) = '' THEN [] ELSE string_split(split_part(hex, '::', 1), ':') END,
        CASE WHEN split_part(hex, '::', 2) = '' THEN [] ELSE string_split(split_part(hex, '::', 2), ':') END]], lambda sides:
        CASE WHEN len(string_split(hex, '::')) = 2 AND len(sides[1]) + len(sides[2]) < 8
          THEN sides[1] || list_transform(range(8 - len(sides[1]) - len(sides[2])), lambda n: '0') || sides[2]
          WHEN NOT contains(hex, '::') THEN sides[1] ELSE [] END)[1])[1])[1]`;

/** RFC 5952, section 4.2: the longest run of two or more zero groups is shortened, the first one if there are several. */
const shortForm = `
  list_transform([array_to_string(list_transform(groups, lambda h: CASE WHEN ltrim(h, '0') = '' THEN '0' ELSE ltrim(h, '0') END), ':')],
    lambda long: list_transform([list_filter([8, 7, 6, 5, 4, 3, 2], lambda n: contains(':' || long || ':', repeat(':0', n) || ':'))[1]],
      lambda run: CASE WHEN run IS NULL THEN long
        ELSE list_transform([instr(':' || long || ':', repeat(':0', CAST(run AS INT)) || ':')], lambda place:
          rtrim(ltrim(left(':' || long || ':', CAST(place AS INT) - 1), ':'), ':') || '::' ||
          rtrim(ltrim(substr(':' || long || ':', CAST(place AS INT) + CAST(run AS INT) * 2 + 1), ':'), ':'))[1] END)[1])[1]`;

const mappedToIpv4 = `
  list_transform([CAST('0x' || lpad(groups[7], 4, '0') || lpad(groups[8], 4, '0') AS BIGINT)], lambda n:
    format('{}.{}.{}.{}', n // 16777216, n // 65536 % 256, n // 256 % 256, n % 256))[1]`;

export const macros: readonly string[] = [
  // Absent is NULL, '' or '-' (Windows, Zeek).
  `create macro absent(x) AS CASE WHEN x IN ('', '-') THEN NULL ELSE x END`,
  // Times without a zone are UTC; 'infinity' and years beyond reason are no times.
  `create macro utc(x) AS (
    list_transform([TRY_CAST(x AS TIMESTAMP)], lambda t: CASE WHEN isfinite(t) AND year(t) BETWEEN 1 AND 9999 THEN t END)[1])`,
  // Seconds since the epoch as decimal text, to the microsecond.
  `create macro epoch(x) AS TRY(make_timestamp(CAST(TRY_CAST(x AS DECIMAL(30, 6)) * 1000000 AS BIGINT)))`,
  `create macro whole(x) AS CASE WHEN regexp_full_match(x, '-?[0-9]+|0x[0-9a-fA-F]+') THEN TRY_CAST(x AS BIGINT) END`,
  `create macro port(x) AS CASE WHEN whole(x) BETWEEN 0 AND 65535 THEN CAST(whole(x) AS INTEGER) END`,
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
  `create macro ipv6_groups(x) AS (${longForm})`,
  `create macro ipv6_text(groups) AS CASE
    WHEN len(groups) <> 8 OR len(list_filter(groups, lambda g: NOT regexp_full_match(g, '[0-9a-f]{1,4}'))) > 0 THEN NULL
    WHEN regexp_matches(array_to_string(groups, ':'), '^(0{1,4}:){5}ffff:') THEN (${mappedToIpv4})
    ELSE (${shortForm}) END`,
  // The same spelling as canonicalIp() in core/net.ts gives.
  `create macro ip(x) AS CASE
    WHEN contains(x, ':') THEN list_transform([ipv6_groups(x)], lambda g: ipv6_text(g))[1]
    WHEN regexp_full_match(trim(x), '((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.|$)){4}') THEN trim(x) END`,
];
