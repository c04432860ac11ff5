import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followSambaLog, parseSambaLine } from '../../../../src/sinks/smb/samba-log.js';

// Lines as Samba 4.17.12 writes them.
const granted = '  127.64.0.11|create_file|ok|0x12019f|file|overwrite_if|/var/lib/sink/share/d0000000.dat';
const denied =
  '  127.64.0.22|create_file|fail (Permission denied)|0x12019f|file|overwrite_if|/var/lib/sink/share/foreign.dat';
const closed = '  nobody closed file d0000000.dat (numopen=0) NT_STATUS_OK';

describe('parseSambaLine', () => {
  it('reads a CREATE, granted or refused', () => {
    expect(parseSambaLine(granted)).toEqual({
      kind: 'create',
      name: 'd0000000.dat',
      directory: false,
      access: 0x12019f,
      disposition: 'overwrite_if',
      refused: null,
    });
    expect(parseSambaLine(denied)).toMatchObject({ name: 'foreign.dat', refused: 'Permission denied' });
    expect(
      parseSambaLine('  127.64.0.22|create_file|fail (Permission denied)|0x80|dir|create|/x/share/d'),
    ).toMatchObject({ directory: true, disposition: 'create' });
  });

  it('takes the close of a handle, and not that of a path look-up', () => {
    expect(parseSambaLine(closed)).toEqual({ kind: 'close', name: 'd0000000.dat' });
    expect(parseSambaLine('  127.64.0.11|close|ok|/var/lib/sink/share/d0000000.dat')).toBeNull();
    expect(parseSambaLine('  nobody opened file d0000000.dat read=Yes write=Yes (numopen=2)')).toBeNull();
    expect(parseSambaLine('  vm (ipv4:127.64.0.14:43415) closed connection to service drop')).toBeNull();
  });

  it('reads sessions and tree connections', () => {
    const auth = (user: string, status: string) =>
      `  Auth: [SMB2,(null)] user [WORKGROUP]\\[${user}] at [Tue, 24 Nov 2026 19:10:02.346303 UTC] with [NTLMv2] status [${status}] workstation [VM] remote host [ipv4:127.64.0.2:35099] mapped to [WORKGROUP]\\[nobody]. local host [ipv4:127.0.0.1:14450] `;
    expect(parseSambaLine(auth('dye', 'NT_STATUS_WRONG_PASSWORD'))).toEqual({
      kind: 'session',
      user: 'dye',
      status: 'NT_STATUS_WRONG_PASSWORD',
    });
    expect(parseSambaLine(auth('', 'NT_STATUS_OK'))).toMatchObject({ user: '', status: 'NT_STATUS_OK' });
    expect(
      parseSambaLine(
        '  vm (ipv4:127.64.0.14:43415) signed connect to service drop initially as user nobody (uid=65534, gid=65534) (pid 11675)',
      ),
    ).toEqual({ kind: 'tree', service: 'drop' });
  });

  it('reads content operations that succeeded', () => {
    expect(parseSambaLine('  127.64.0.11|pwrite_send|ok|/x/share/a.dat')).toEqual({
      kind: 'write',
      name: 'a.dat',
    });
    expect(parseSambaLine('  127.64.0.11|pread|ok|/x/share/a.dat')).toEqual({ kind: 'read', name: 'a.dat' });
    expect(parseSambaLine('  127.64.0.11|unlinkat|ok|/x/share/a.dat')).toEqual({
      kind: 'unlink',
      name: 'a.dat',
    });
    expect(parseSambaLine('  127.64.0.11|pwrite|fail (No space left on device)|/x/share/a.dat')).toBeNull();
  });

  it('takes nothing but whole lines of its own shape', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseSambaLine(`[${text}`)).toBeNull();
        const event = parseSambaLine(`  nobody closed file ${text} (numopen=0) NT_STATUS_OK`);
        expect(event === null || event.kind === 'close').toBe(true);
      }),
    );
  });
});

describe('followSambaLog', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'smb-log-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('waits for the file, and yields each line once, however it is cut', async () => {
    const path = join(directory, 'log.127.64.0.1');
    const log = followSambaLog(path);
    expect(log.read()).toEqual([]);
    await writeFile(
      path,
      `[2026/11/24 19:10:01.900242,  1] x.c:643(do_log)\n${granted}\n${closed.slice(0, 20)}`,
    );
    expect(log.read().map(({ kind }) => kind)).toEqual(['create']);
    expect(log.read()).toEqual([]);
    await appendFile(path, `${closed.slice(20)}\n`);
    expect(log.read().map(({ kind }) => kind)).toEqual(['close']);
    log.close();
  });

  it('keeps a name whose bytes are cut in the middle', async () => {
    const path = join(directory, 'log');
    const line = Buffer.from('  nobody closed file grüße.dat (numopen=0) NT_STATUS_OK\n');
    const cut = line.indexOf(0xc3) + 1;
    await writeFile(path, line.subarray(0, cut));
    const log = followSambaLog(path);
    expect(log.read()).toEqual([]);
    await appendFile(path, line.subarray(cut));
    expect(log.read()).toEqual([{ kind: 'close', name: 'grüße.dat' }]);
    log.close();
  });

  it('reads more than one buffer, and leaves out what an earlier connection wrote', async () => {
    const path = join(directory, 'log');
    const earlier = `${granted}\n`;
    await writeFile(path, earlier + `${closed}\n`.repeat(2000));
    const log = followSambaLog(path, earlier.length);
    expect(log.read()).toHaveLength(2000);
    log.close();
  });
});
