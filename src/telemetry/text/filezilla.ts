import { ftpAction, ftpNamesFile } from '../sql/ftp.js';
import { mapping, type Field } from '../sql/mapping.js';
import type { LineFormat } from './format.js';
import { ftpVerbs } from './proftpd.js';
import { localTime } from './time.js';

/** What was said in a session: a command by the client, a reply by the server, or a message of the server about itself. */
const kindOf = (field: Field): string =>
  `CASE WHEN ${field('mark')} IN ('>>', 'Command') OR (${field('mark')} IS NULL AND ${field('text')} IS NOT NULL
      AND regexp_matches(upper(${field('text')}), '^(${ftpVerbs})( |$)')) THEN 'filezilla command'
    WHEN ${field('mark')} IN ('<<', 'Response') OR (${field('mark')} IS NULL AND regexp_matches(${field('text')}, '^[1-6][0-9]{2}[ -]')) THEN 'filezilla reply'
    ELSE 'filezilla message' END`;

/**
 * FileZilla Server's log: 0.9 `(000001)24.11.2026 18:00:00 - user (address)> text`, in Windows' order of a date; 1.x
 * `time >> [FTP Session 1 address user] text`, and the same as the administration interface shows it. A command's row says what was
 * asked for: the reply is a record of its own, ignored by its kind, and bytes are in neither.
 */
export const filezillaFormat: LineFormat = {
  page: 'https://filezilla-project.org/ (no page describes the log; real lines: https://github.com/robinrodricks/FluentFTP/issues/1507, https://github.com/JackSlateur/curlftpfs/issues/9)',
  forms: [
    {
      pattern: String.raw`(?<utc>\d{4}-\d\d-\d\dT[0-9:.]+Z) (?<mark>>>|<<|==|!!|[A-Z]{2}) \[(?:FTP Session (?<session>\d+) (?<client>[^ \]]+)(?: (?<user>[^\]]+))?|[^\]]+)\] (?<text>.*)`,
      kind: kindOf,
    },
    {
      pattern: String.raw`<(?<date>[^>]{10,30})> (?:FTP Session (?<session>\d+) (?<client>[^ \[]+)(?: (?<user>[^\[]+))?|[^\[]+) \[(?<mark>[A-Z][a-z]+)\] (?<text>.*)`,
      kind: kindOf,
    },
    {
      pattern: String.raw`\((?<session>\d{6,})\) ?(?<date>[0-9./-]{8,10} [0-9:]{7,8}(?: [AP]M)?) - (?<user>.*?) \((?<client>[^ )]*)\)> ?(?<text>.*)`,
      kind: kindOf,
    },
  ],
  mappings: [
    mapping('transfer', ['filezilla command'], (field) => {
      const command = `upper(split_part(${field('text')}, ' ', 1))`;
      const argument = `absent(trim(regexp_extract(${field('text')}, '^[^ ]+ (.*)$', 1)))`;
      const path = `CASE WHEN ${ftpNamesFile(command)} THEN ${argument} END`;
      return {
        '@timestamp': `coalesce(utc(${field('utc')}), ${localTime(field('date'))})`,
        'observer.type': `'server'`,
        'network.protocol': `'ftp'`,
        'network.transport': `'tcp'`,
        'source.ip': `ip(${field('client')})`,
        'event.action': ftpAction(command),
        'transfer.command': command,
        'file.path': path,
        'file.name': `base_name(${path})`,
        'user.name': `CASE WHEN ${field('user')} <> '(not logged in)' THEN ${field('user')} END`,
      };
    }),
  ],
};
