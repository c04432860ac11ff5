import type { AnalyticContext } from '../types.js';
import { constants, table } from '../sql.js';

/** Names and addresses by which the lab's hosts are known; the short form of a name counts too. */
function given(context: AnalyticContext): string {
  const rows = context.hosts.flatMap((host) => {
    const names = [host.name, ...host.aliases, ...host.addresses].map((key) => key.trim().toLowerCase());
    const short = host.name.trim().toLowerCase().split('.', 1);
    return [...new Set([...names, ...short])].map((key) => [host.name.toLowerCase(), key]);
  });
  return constants({ host: 'varchar', key: 'varchar' }, rows);
}

const hostNames = ['process', 'connection', 'transfer', 'script', 'prevention', 'resolution']
  .map((name) => `select "host.name" as name from ${name}`)
  .join(' union ');

// Addresses that say nothing about which host it is.
const everyHosts = `('127.0.0.1', '::1', '0.0.0.0', '::')`;

/**
 * `identity(host, key, kind)`: which name or address is which host (trap 10). The lab's own hosts come first; every other is learnt:
 * FQDN and short name are one host, and its addresses are the local ends of its connections.
 * `host_info(host, display, role)`.
 */
export function identity(context: AnalyticContext): string[] {
  const info = context.hosts.map((host) => [host.name.toLowerCase(), host.name, host.role]);
  return [
    table(
      'identity',
      `
      with given as (select key, min(host) as host from ${given(context)} group by key),
      names as (select distinct host_key(name) as key from (${hostNames}) where host_key(name) is not null),
      named as (
        select n.key, coalesce(whole.host, short.host, short_host(n.key)) as host
        from names n
        left join given whole on whole.key = n.key
        left join given short on short.key = short_host(n.key)),
      ends as (
        select distinct host_key("host.name") as key, coalesce("network.direction",
            case "sysmon.initiated" when true then 'egress' when false then 'ingress' end) as direction,
          "source.ip" as source, "destination.ip" as destination
        from connection where "host.name" is not null),
      outgoing as (
        select distinct n.host, e.source as address
        from ends e join named n using (key)
        where e.direction = 'egress' and e.source is not null and e.source not in ${everyHosts}),
      -- Until 2019 Sysmon put the local end first on incoming connections too: they are asked only where nothing else tells.
      incoming as (
        select distinct n.host, e.destination as address
        from ends e join named n using (key)
        where e.direction = 'ingress' and e.destination is not null and e.destination not in ${everyHosts}
          and n.host not in (select host from outgoing)),
      learnt as (
        select host, address from outgoing union select host, address from incoming)
      select host, key, case when key like '%:%' or regexp_full_match(key, '[0-9.]+') then 'address' else 'name' end as kind
      from given
      union select host, key, 'name' from named
      union select l.host, l.address, 'address' from learnt l
        left join given g on g.key = l.address where g.host is null or g.host = l.host`,
    ),
    table(
      'host_info',
      `
      select i.host, coalesce(any_value(g.display), i.host) as display, any_value(g.role) as role,
        list_sort(list(distinct i.key) filter (i.kind = 'address')) as addresses
      from identity i
      left join ${constants({ host: 'varchar', display: 'varchar', role: 'varchar' }, info)} g using (host)
      group by i.host`,
    ),
    // An address that two hosts had (DHCP) tells nothing by itself.
    table(
      'host_by_key',
      'select key, min(host) as host from identity group by key having count(distinct host) = 1',
    ),
  ];
}
