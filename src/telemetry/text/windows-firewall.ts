import { mapping, type Field } from '../sql/mapping.js';
import type { W3cFormat } from './w3c.js';

/** The header says `#Time Format: Local`, and no record says which zone that is: taken as UTC, as in every log without a zone. */
const common = (field: Field) => ({
  '@timestamp': `utc(${field('date')} || ' ' || ${field('time')})`,
  'source.ip': `ip(${field('src-ip')})`,
  'source.port': `port(${field('src-port')})`,
  'destination.ip': `ip(${field('dst-ip')})`,
  'destination.port': `port(${field('dst-port')})`,
  'network.transport': `transport(${field('protocol')})`,
  // Newer versions of Windows add the column.
  'process.pid': `whole(${field('pid')})`,
});

/** pfirewall.log of the Windows firewall. */
export const windowsFirewallFormat: W3cFormat = {
  page: 'https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/configure-logging',
  kind: (field) => `'firewall ' || lower(${field('action')})`,
  mappings: [
    mapping('prevention', ['firewall drop'], (field) => ({
      ...common(field),
      'event.reason': `concat('dropped by the Windows firewall', CASE ${field('path')} WHEN 'SEND' THEN ', outbound' WHEN 'RECEIVE' THEN ', inbound' END)`,
    })),
    mapping(
      'connection',
      ['firewall allow'],
      (field) => ({
        ...common(field),
        'network.direction': `CASE ${field('path')} WHEN 'SEND' THEN 'egress' WHEN 'RECEIVE' THEN 'ingress' END`,
      }),
      (field) => `other_service(${field('dst-port')})`,
    ),
  ],
};
