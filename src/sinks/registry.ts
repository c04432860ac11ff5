import { registry } from '../core/index.js';
import { ftpSink } from './ftp/index.js';
import { smbSink } from './smb/index.js';
import { tftpSink } from './tftp/index.js';
import type { SinkFactory } from './types.js';

/** Every kind of sink, by the protocol that it serves. */
export const sinkFactories = registry<'ftp' | 'smb' | 'tftp', SinkFactory>('sink', {
  ftp: ftpSink,
  smb: smbSink,
  tftp: tftpSink,
});
