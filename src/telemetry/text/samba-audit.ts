import { mapping } from '../sql/mapping.js';
import { literal } from '../sql/sql.js';
import type { LineFormat } from './format.js';
import { syslogHost, syslogPrefix, syslogTime } from './syslog.js';

/** What the operations of Samba's VFS do, in the model's words; older names of one operation stand beside the newer. */
const actions: Readonly<Record<string, readonly string[]>> = {
  connect: ['connect'],
  open: ['create_file', 'openat', 'open'],
  write: ['pwrite', 'pwrite_send', 'pwrite_recv', 'write', 'recvfile', 'offload_write_recv'],
  read: ['pread', 'pread_send', 'pread_recv', 'read', 'sendfile'],
  delete: ['unlinkat', 'unlink', 'rmdir'],
  other: ['renameat', 'rename', 'mkdirat', 'mkdir', 'ftruncate'],
};
const kinds = Object.values(actions).flatMap((names) => names.map((name) => `samba ${name}`));
const cases = Object.entries(actions).map(
  ([action, names]) => `WHEN operation IN (${names.map(literal).join(', ')}) THEN '${action}'`,
);

/**
 * Samba's vfs_full_audit by syslog, with the default prefix `%u|%I`: `smbd_audit: user|address|operation|ok|arguments`, the result
 * being `ok` or `fail (reason)`. Which operations are there is the administrator's choice (`full_audit:success`, `full_audit:failure`).
 */
export const sambaAuditFormat: LineFormat = {
  page: 'https://www.samba.org/samba/docs/current/man-html/vfs_full_audit.8.html',
  forms: [
    {
      has: 'smbd_audit',
      pattern:
        syslogPrefix('smbd_audit') +
        String.raw`(?<user>[^|]*)\|(?<client>[^|]*)\|(?<operation>[a-z_0-9]+)\|(?<result>ok|fail)(?: \([^|]*\))?(?:\|(?<arguments>.*))?`,
      kind: (field) => `'samba ' || ${field('operation')}`,
    },
  ],
  mappings: [
    mapping('transfer', kinds, (field) => {
      // The path comes last: what stands before it says how it was opened, or what it was called before.
      const path = `absent(regexp_extract(${field('arguments')}, '[^|]*$'))`;
      return {
        '@timestamp': syslogTime(field),
        'observer.type': `'server'`,
        'observer.name': syslogHost(field),
        'network.protocol': `'smb'`,
        'network.transport': `'tcp'`,
        'source.ip': `ip(${field('client')})`,
        'event.action': `CASE ${cases.join(' ').replaceAll('operation', field('operation'))} END`,
        'transfer.command': field('operation'),
        'event.outcome': `CASE ${field('result')} WHEN 'ok' THEN 'success' ELSE 'failure' END`,
        'file.path': path,
        'file.name': `CASE WHEN ${field('operation')} <> 'connect' THEN base_name(${path}) END`,
        'user.name': `user_name(${field('user')})`,
        'user.domain': `user_domain(${field('user')})`,
      };
    }),
  ],
};
