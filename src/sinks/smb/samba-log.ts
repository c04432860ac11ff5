import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { systemCode } from '../../core/index.js';

/** What smbd's log tells of one connection. Names are those on disk, without a path. */
export type SambaEvent =
  | { readonly kind: 'session'; readonly user: string; readonly status: string }
  | { readonly kind: 'tree'; readonly service: string }
  | {
      readonly kind: 'create';
      readonly name: string;
      readonly directory: boolean;
      /** DesiredAccess of the request, MS-SMB2 2.2.13.1. */
      readonly access: number;
      /** CreateDisposition, in Samba's words: supersede, open, create, open_if, overwrite, overwrite_if. */
      readonly disposition: string;
      /** Text of the system's error; null where it was granted. */
      readonly refused: string | null;
    }
  | { readonly kind: 'read' | 'write' | 'unlink' | 'close'; readonly name: string };

const authLine =
  /^ {2}Auth: \[[^\]]*\] user \[[^\]]*\]\\\[([^\]]*)\] at \[.*?\] with \[[^\]]*\] status \[(NT_STATUS_\w+)\]/;
const treeLine = /^ {2}\S+ \(ipv[46]:[^)]*\).* connect to service (\S+) initially as user /;
// Printed once per handle, unlike full_audit's close, which also names the look-ups of a path (source3/smbd/close.c).
const closeLine = /^ {2}\S+ closed file (.+) \(numopen=\d+\) NT_STATUS_\w+$/;
const auditLine = /^ {2}\d+\.\d+\.\d+\.\d+\|(\w+)\|(?:ok|fail \(([^|]*)\))\|(.*)$/;

const operations: Readonly<Record<string, 'read' | 'write' | 'unlink'>> = {
  pread: 'read',
  pread_send: 'read',
  pwrite: 'write',
  pwrite_send: 'write',
  unlinkat: 'unlink',
};

function auditEvent(operation: string, refused: string | null, rest: string): SambaEvent | null {
  if (operation === 'create_file') {
    const [access, type, disposition, ...path] = rest.split('|');
    if (access === undefined || type === undefined || disposition === undefined) return null;
    return {
      kind: 'create',
      name: basename(path.join('|')),
      directory: type === 'dir',
      access: Number(access),
      disposition,
      refused,
    };
  }
  const kind = operations[operation];
  return kind === undefined || refused !== null ? null : { kind, name: basename(rest) };
}

/** One line of smbd's log at level 2 with vfs_full_audit(8) and authentication audit, or null where it tells nothing. */
export function parseSambaLine(line: string): SambaEvent | null {
  const auth = authLine.exec(line);
  if (auth?.[1] !== undefined && auth[2] !== undefined) {
    return { kind: 'session', user: auth[1], status: auth[2] };
  }
  const tree = treeLine.exec(line);
  if (tree?.[1] !== undefined) return { kind: 'tree', service: tree[1] };
  const close = closeLine.exec(line);
  if (close?.[1] !== undefined) return { kind: 'close', name: basename(close[1]) };
  const audit = auditLine.exec(line);
  return audit?.[1] === undefined || audit[3] === undefined
    ? null
    : auditEvent(audit[1], audit[2] ?? null, audit[3]);
}

export interface SambaLog {
  /** What was added since the last call. Synchronous: the caller holds a message back until it has read. */
  read(): SambaEvent[];
  close(): void;
}

/** Follows a log file that need not exist yet. @param from bytes to leave out at its beginning */
export function followSambaLog(path: string, from = 0): SambaLog {
  let descriptor: number | undefined;
  let position = from;
  let rest = '';
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(16 * 1024);
  const open = () => {
    try {
      descriptor ??= openSync(path, 'r');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
    return descriptor;
  };
  return {
    read() {
      const file = open();
      if (file === undefined) return [];
      const events: SambaEvent[] = [];
      for (;;) {
        const length = readSync(file, buffer, 0, buffer.length, position);
        if (length === 0) return events;
        position += length;
        const lines = (rest + decoder.write(buffer.subarray(0, length))).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const event = parseSambaLine(line);
          if (event !== null) events.push(event);
        }
      }
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
