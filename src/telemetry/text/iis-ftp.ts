import { ftpAction, ftpEncrypted, ftpNamesFile, ftpOutcome } from '../sql/ftp.js';
import { mapping, type Field } from '../sql/mapping.js';
import type { Sql } from '../sql/sql.js';
import { ftpVerbs } from './proftpd.js';
import type { W3cFormat } from './w3c.js';

/** IIS 6 put the session's number before the verb, and had words of its own for transfers that ended well. */
const method = (field: Field): Sql => {
  const bare = `regexp_replace(${field('cs-method')}, '^\\[[0-9]+\\]', '')`;
  return `CASE lower(${bare}) WHEN 'created' THEN 'STOR' WHEN 'sent' THEN 'RETR' WHEN 'appended' THEN 'APPE' ELSE upper(${bare}) END`;
};

/** The log is in UTC, whatever the server's zone. */
const time = (field: Field): Sql => `utc(${field('date')} || ' ' || ${field('time')})`;

const common = (field: Field) => ({
  'source.ip': `ip(${field('c-ip')})`,
  'source.port': `port(${field('c-port')})`,
  'destination.ip': `ip(${field('s-ip')})`,
  'network.transport': `'tcp'`,
  'observer.name': field('s-computername'),
});

const transfer = (field: Field) => ({
  ...common(field),
  '@timestamp': time(field),
  'observer.type': `'server'`,
  'network.protocol': `'ftp'`,
  'user.name': `user_name(${field('cs-username')})`,
  'user.domain': `user_domain(${field('cs-username')})`,
});

/** IIS' FTP service, 6 to 10. */
export const iisFtpFormat: W3cFormat = {
  page: 'https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/ftpserver/logfile',
  kind: (field) => `CASE
    WHEN regexp_full_match(${method(field)}, '${ftpVerbs}') THEN 'iis command'
    WHEN ${method(field)} = 'DATACHANNELOPENED' THEN 'iis channel'
    WHEN ${method(field)} IN ('DATACHANNELCLOSED', 'CONTROLCHANNELCLOSED') AND coalesce(whole(${field('cs-bytes')}), whole(${field('sc-bytes')})) IS NOT NULL
      THEN 'iis closed'
    WHEN ${method(field)} LIKE '%CHANNEL%' THEN 'iis ' || lower(${method(field)}) ELSE 'iis other' END`,
  mappings: [
    mapping('transfer', ['iis command'], (field) => {
      const command = method(field);
      const code = `whole(${field('sc-status')})`;
      // The full path is where the file lies below the site's root; it is missing where the command failed.
      const path = `CASE WHEN ${ftpNamesFile(command)} THEN coalesce(${field('x-fullpath')}, ${field('cs-uri-stem')}) END`;
      return {
        ...transfer(field),
        'destination.port': `port(${field('s-port')})`,
        'event.action': ftpAction(command),
        'transfer.command': command,
        'transfer.reply_code': `TRY_CAST(${code} AS INTEGER)`,
        'event.outcome': ftpOutcome(code),
        'file.path': path,
        'file.name': `base_name(${path})`,
        'network.encrypted': ftpEncrypted(command, code),
      };
    }),
    // s-port is the data channel's own; in active mode the server calls from a port below 1024, which the service keeps for that.
    mapping('transfer', ['iis channel'], (field) => {
      const port = `port(${field('s-port')})`;
      const passive = (value: Sql): Sql => `CASE WHEN ${port} >= 1024 THEN ${value} END`;
      return {
        ...transfer(field),
        'source.port': 'NULL::INTEGER',
        'event.action': `'channel'`,
        'transfer.command': field('cs-method'),
        'data.source.ip': passive(`ip(${field('c-ip')})`),
        'data.source.port': passive(`port(${field('c-port')})`),
        'data.destination.ip': passive(`ip(${field('s-ip')})`),
        'data.destination.port': passive(port),
        'data.passive': passive('true'),
      };
    }),
    mapping('flow', ['iis closed'], (field) => ({
      ...common(field),
      'event.start': `${time(field)} - to_milliseconds(whole(${field('time-taken')}))`,
      'event.end': time(field),
      'destination.port': `port(${field('s-port')})`,
      'network.protocol': `CASE ${method(field)} WHEN 'DATACHANNELCLOSED' THEN 'ftp-data' ELSE 'ftp' END`,
      'source.bytes': `whole(${field('cs-bytes')})`,
      'destination.bytes': `whole(${field('sc-bytes')})`,
      'flow.counter': `'payload'`,
      'flow.state': field('cs-method'),
    })),
  ],
};
