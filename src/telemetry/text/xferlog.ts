import { mapping } from '../sql/mapping.js';
import type { LineFormat } from './format.js';
import { asctime } from './time.js';

export const asctimePattern = String.raw`[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}`;

/** The log of transfers that wu-ftpd began, and vsftpd, ProFTPD and Pure-FTPd write too. xferlog(5) */
export const xferlogFormat: LineFormat = {
  page: 'http://www.proftpd.org/docs/howto/Logging.html#xferlog',
  forms: [
    {
      pattern: String.raw`(?<date>${asctimePattern}) (?<seconds>\d+) (?<client>\S+) (?<bytes>\d+) (?<path>.+) [ab] [CUT_]+ (?<direction>[iod]) [agr] (?<user>.+?) (?<service>\S+) [01] \S+ (?<completion>[ci])`,
      kind: (field) =>
        `CASE WHEN ${field('service')} = 'ftp' THEN 'xferlog ftp' ELSE 'xferlog ' || ${field('service')} END`,
    },
  ],
  mappings: [
    mapping('transfer', ['xferlog ftp'], (field) => ({
      '@timestamp': asctime(field('date')),
      'observer.type': `'server'`,
      'network.protocol': `'ftp'`,
      'network.transport': `'tcp'`,
      // A name in place of the address stays unknown: nothing is looked up.
      'source.ip': `ip(${field('client')})`,
      // Incoming and outgoing are the server's words.
      'event.action': `CASE ${field('direction')} WHEN 'i' THEN 'write' WHEN 'o' THEN 'read' ELSE 'delete' END`,
      'event.outcome': `CASE ${field('completion')} WHEN 'c' THEN 'success' ELSE 'failure' END`,
      'file.size': `whole(${field('bytes')})`,
      'file.path': field('path'),
      'file.name': `base_name(${field('path')})`,
      'user.name': field('user'),
    })),
  ],
};
