import { ftpAction, ftpEncrypted, ftpNamesFile, ftpOutcome } from '../sql/ftp.js';
import { mapping } from '../sql/mapping.js';
import type { LineFormat } from './format.js';
import { syslogHost, syslogPrefix } from './syslog.js';
import { clfTime } from './time.js';

/** RFC 959, 2228, 2389, 2428, 3659, 7151, and commands of old that servers still take. A web server's log has other ones. */
export const ftpVerbs =
  'ABOR|ACCT|ALLO|APPE|AUTH|CCC|CDUP|CWD|DELE|EPRT|EPSV|FEAT|HELP|HOST|LANG|LIST|MDTM|MFF|MFMT|MKD|MLSD|MLST|MODE|NLST|NOOP|OPTS|PASS|PASV|PBSZ|PORT|PROT|PWD|QUIT|REIN|REST|RETR|RMD|RNFR|RNTO|SITE|SIZE|SMNT|STAT|STOR|STOU|STRU|SYST|TYPE|USER|XCUP|XCWD|XMKD|XPWD|XRMD';

/** What ExtendedLog puts before and after the request. */
const before = String.raw`(?:${syslogPrefix('proftpd')})?(?<client>\S+) \S+ (?<user>.+?) \[(?<date>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "`;
const after = String.raw`" (?<code>\d{3}|-) (?<bytes>\d+|-)`;

/**
 * ProFTPD's ExtendedLog in its default format, `%h %l %u %t \"%r\" %s %b`. Its requests are FTP's: web servers write the same format.
 * What else the server says (a session's begin and end, by the log itself, by SystemLog or by syslog) is ignored by its kind.
 */
export const proftpdFormat: LineFormat = {
  page: 'http://www.proftpd.org/docs/modules/mod_log.html#LogFormat',
  forms: [
    {
      has: '] "',
      pattern: String.raw`${before}(?<command>${ftpVerbs})(?: (?<argument>.*))?${after}`,
      kind: () => `'proftpd command'`,
    },
    // A session's begin and end have no request; a request of no command is what a client made up.
    {
      has: '] "',
      common: true,
      pattern: String.raw`${before}(?<request>.*)${after}`,
      kind: (field) => `CASE WHEN ${field('request')} IS NULL THEN 'proftpd session' ELSE 'clf other' END`,
    },
    {
      has: 'proftpd[',
      pattern: String.raw`(?:${syslogPrefix('proftpd')}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \S+ proftpd\[\d+\] )(?<message>.*)`,
      kind: () => `'proftpd session'`,
    },
  ],
  mappings: [
    mapping('transfer', ['proftpd command'], (field) => {
      const command = field('command');
      const code = `whole(${field('code')})`;
      const path = `CASE WHEN ${ftpNamesFile(command)} THEN ${field('argument')} END`;
      return {
        '@timestamp': clfTime(field('date')),
        'observer.type': `'server'`,
        'observer.name': syslogHost(field),
        'network.protocol': `'ftp'`,
        'network.transport': `'tcp'`,
        'source.ip': `ip(${field('client')})`,
        'event.action': ftpAction(command),
        'transfer.command': command,
        'transfer.reply_code': `TRY_CAST(${code} AS INTEGER)`,
        'event.outcome': ftpOutcome(code),
        // %b: bytes of the request's data.
        'file.size': `CASE WHEN ${command} IN ('STOR', 'STOU', 'APPE', 'RETR') THEN whole(${field('bytes')}) END`,
        'file.path': path,
        'file.name': `base_name(${path})`,
        'network.encrypted': ftpEncrypted(command, code),
        'user.name': field('user'),
      };
    }),
  ],
};
