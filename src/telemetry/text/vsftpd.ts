import { ftpAction, ftpNamesFile } from '../sql/ftp.js';
import { mapping, type Field } from '../sql/mapping.js';
import type { LineFormat } from './format.js';
import { syslogHost, syslogPrefix, syslogTime } from './syslog.js';
import { asctime } from './time.js';
import { asctimePattern } from './xferlog.js';

const common = (field: Field) => ({
  '@timestamp': `coalesce(${asctime(field('date'))}, ${syslogTime(field)})`,
  'observer.type': `'server'`,
  'observer.name': syslogHost(field),
  'network.protocol': `'ftp'`,
  'network.transport': `'tcp'`,
  'source.ip': `ip(${field('client')})`,
  'event.outcome': `CASE ${field('outcome')} WHEN 'OK' THEN 'success' WHEN 'FAIL' THEN 'failure' END`,
  'user.name': field('user'),
});

const file = (field: Field) => ({
  ...common(field),
  'transfer.command': field('verb'),
  'file.path': field('text'),
  'file.name': `base_name(${field('text')})`,
});

/** vsftpd's own log (`xferlog_std_format=NO`), as a file or by syslog (`syslog_enable`); with `log_ftp_protocol` also its commands. */
export const vsftpdFormat: LineFormat = {
  page: 'https://security.appspot.com/vsftpd/vsftpd_conf.html',
  forms: [
    {
      has: ': Client "',
      pattern:
        String.raw`(?:(?<date>${asctimePattern}) \[pid \d+\] |${syslogPrefix('vsftpd')})(?:\[(?<user>[^\]]*)\] )?(?:(?<outcome>OK|FAIL) )?` +
        String.raw`(?<verb>[A-Za-z ]+): Client "(?<client>[^"]*)"(?:, anon password "[^"]*")?(?:, "(?<text>.*?)")?(?:, (?<bytes>\d+) bytes)?(?:, [0-9.]+Kbyte/sec)?`,
      kind: (field) => `'vsftpd ' || replace(replace(lower(${field('verb')}), 'ftp ', ''), ' ', '-')`,
    },
  ],
  mappings: [
    mapping('transfer', ['vsftpd upload'], (field) => ({
      ...file(field),
      'event.action': `'write'`,
      'file.size': `whole(${field('bytes')})`,
    })),
    mapping('transfer', ['vsftpd download'], (field) => ({
      ...file(field),
      'event.action': `'read'`,
      'file.size': `whole(${field('bytes')})`,
    })),
    mapping('transfer', ['vsftpd delete'], (field) => ({ ...file(field), 'event.action': `'delete'` })),
    mapping('transfer', ['vsftpd connect', 'vsftpd login'], (field) => ({
      ...common(field),
      'event.action': `'connect'`,
      'transfer.command': field('verb'),
    })),
    mapping('transfer', ['vsftpd command'], (field) => {
      const command = `upper(split_part(${field('text')}, ' ', 1))`;
      const argument = `absent(regexp_extract(${field('text')}, '^[^ ]+ (.*)$', 1))`;
      return {
        ...common(field),
        'event.action': ftpAction(command),
        'transfer.command': command,
        'file.path': `CASE WHEN ${ftpNamesFile(command)} THEN ${argument} END`,
        'file.name': `CASE WHEN ${ftpNamesFile(command)} THEN base_name(${argument}) END`,
      };
    }),
  ],
};
