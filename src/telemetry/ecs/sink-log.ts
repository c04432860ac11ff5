import type { JsonShape } from '../json/shape.js';
import { mapping } from '../sql/mapping.js';
import { firstOf } from '../sql/sql.js';
import { ecsCommon, ecsPaths } from './fields.js';

const protocols = ['ftp', 'smb', 'tftp'];
const kinds = protocols.map((protocol) => `dyetrace_sink ${protocol}`);

const actions = `('write', 'read', 'open', 'delete', 'list', 'connect', 'channel')`;

/** The log of a sink: what the file server on the other side writes about each transfer. */
export const sinkLogShape: JsonShape = {
  paths: ecsPaths,
  kind: (field) =>
    `CASE WHEN ${field('event.module')} = 'dyetrace_sink' THEN replace(left(${field('event.dataset')}, 60), '.', ' ') END`,
  identity: (field) => field('event.id'),
  mappings: [
    mapping('transfer', kinds, (field) => {
      const detail = (name: string) => firstOf(protocols.map((protocol) => field(`${protocol}.${name}`)));
      const action = field('event.action');
      return {
        ...ecsCommon(field),
        'observer.type': `coalesce(${field('observer.type')}, 'server')`,
        'observer.name': field('observer.name'),
        'network.protocol': field('network.protocol'),
        'event.action': `CASE WHEN ${action} IN ${actions} THEN ${action} WHEN ${action} = 'login' THEN 'connect' ELSE 'other' END`,
        'transfer.command': `coalesce(${detail('command')}, ${action})`,
        'transfer.reply_code': `TRY_CAST(whole(${detail('reply_code')}) AS INTEGER)`,
        'event.outcome': field('event.outcome'),
        'file.name': field('file.name'),
        'file.path': field('file.path'),
        'file.size': `whole(${field('file.size')})`,
        'file.hash.sha256': field('file.hash.sha256'),
        'user.name': field('user.name'),
      };
    }),
  ],
};
