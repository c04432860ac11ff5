import { mapping, type Field } from '../sql/mapping.js';
import type { LineFormat } from './format.js';
import { syslogHost, syslogPrefix, syslogTime } from './syslog.js';

const common = (field: Field) => ({
  '@timestamp': syslogTime(field),
  'observer.type': `'server'`,
  'observer.name': syslogHost(field),
  'network.protocol': `'tftp'`,
  'network.transport': `'udp'`,
  'source.ip': `ip(${field('client')})`,
});

/** tftpd-hpa by syslog; requests are written with `--verbose`. It tells neither ports nor bytes, nor whether a transfer came to its end. */
export const tftpdFormat: LineFormat = {
  page: 'https://manpages.debian.org/bookworm/tftpd-hpa/tftpd.8.en.html',
  forms: [
    {
      has: ' filename ',
      pattern: String.raw`${syslogPrefix(String.raw`in\.tftpd`)}(?<verb>[RW]RQ) from (?<client>\S+) filename (?<path>.*?)(?: remapped to (?<target>.*))?`,
      kind: (field) => `'tftpd ' || lower(${field('verb')})`,
    },
    {
      has: ' NAK ',
      pattern: String.raw`${syslogPrefix(String.raw`in\.tftpd`)}sending NAK \((?<code>\d+), (?<reason>.*)\) to (?<client>\S+)`,
      kind: () => `'tftpd nak'`,
    },
    {
      has: 'in.tftpd',
      pattern: String.raw`${syslogPrefix(String.raw`in\.tftpd`)}(?<message>.*)`,
      kind: () => `'tftpd message'`,
    },
  ],
  mappings: [
    mapping('transfer', ['tftpd rrq', 'tftpd wrq'], (field) => ({
      ...common(field),
      'event.action': `CASE ${field('verb')} WHEN 'WRQ' THEN 'write' ELSE 'read' END`,
      'transfer.command': field('verb'),
      'file.path': field('path'),
      'file.name': `base_name(${field('path')})`,
    })),
    // RFC 1350, section 5: an ERROR packet ends the transfer.
    mapping('transfer', ['tftpd nak'], (field) => ({
      ...common(field),
      'event.action': `'other'`,
      'transfer.command': `'ERROR'`,
      'transfer.reply_code': `TRY_CAST(whole(${field('code')}) AS INTEGER)`,
      'event.outcome': `'failure'`,
    })),
  ],
};
