import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { endLeftServer, smbSink } from '../../src/sinks/smb/index.js';
import { describeWith } from '../helpers/requires.js';
import { expectUpload } from '../helpers/sink-lab.js';
import { account, large, one, slowly, smbLab } from '../helpers/smb-lab.js';

const lab = smbLab('127.0.2.46');

describeWith(
  { programs: ['smbd', 'smbpasswd', 'smbclient'], root: true, platforms: ['linux'] },
  'life of the private Samba',
  () => {
    const isThere = async (pid: number) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('smb.conf');

    /** Files below a directory whose bytes hold a text. */
    async function filesWith(text: string, folder: string): Promise<string[]> {
      const found: string[] = [];
      for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
        const path = join(entry.parentPath, entry.name);
        // smbd's helpers come and go meanwhile.
        const bytes = entry.isFile() ? await readFile(path).catch(() => Buffer.alloc(0)) : Buffer.alloc(0);
        if (bytes.includes(text)) found.push(path);
      }
      return found;
    }

    it('keeps the password to itself, and leaves nothing', async () => {
      const { serverPid } = await lab.start([expectUpload(one)]);
      expect(serverPid).toBeGreaterThan(1);
      expect(await filesWith(account.password, join(lab.directory, 'sink'))).toEqual([]);
      await Promise.all([lab.sink?.stop(), lab.sink?.stop()]);
      expect(await isThere(serverPid ?? 0)).toBe(false);
      expect(await readdir(join(lab.directory, 'sink'))).toEqual([]);
      expect(lab.sink?.serverPid).toBeUndefined();
    });

    it('gives a transfer that stop interrupts its receipt first', async () => {
      await lab.start([expectUpload(large)], slowly);
      const client = await lab.startUpload(large);
      const ended = once(client, 'exit');
      await lab.sink?.stop();
      expect(lab.recorder.lines).toHaveLength(1);
      expect(lab.recorder.lines[0]?.error).toBe('the file was not closed: the sink was stopped');
      await ended;
    });

    it('says why it cannot bind, and leaves no smbd', async () => {
      await lab.start([]);
      const other = smbSink({
        ...lab.recorder.options,
        port: lab.at.port,
        directory: join(lab.directory, 'second'),
      });
      await expect(other.start()).rejects.toMatchObject({ code: 'sink-port-in-use' });
      expect(await readdir(join(lab.directory, 'second'))).toEqual([]);
      await other.stop();
    });

    it('lives among the temporary files where its own directory is closed to others', async () => {
      const closed = join(lab.directory, 'closed');
      await mkdir(closed, { mode: 0o700 });
      await lab.start([expectUpload(one)], { directory: join(closed, 'sink') });
      const standIn = (await readFile(join(closed, 'sink', 'smb-directory'), 'utf8')).trim();
      expect(await lab.smbclient(lab.put(one))).not.toContain('NT_STATUS');
      expect((await lab.receipts())[0]?.complete).toBe(true);
      await lab.sink?.stop();
      await expect(readdir(standIn)).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await readdir(join(closed, 'sink'))).toEqual([]);
    });

    it('ends a left smbd, and no other process that has its pid', async () => {
      const { serverPid } = await lab.start([]);
      expect(await endLeftServer(join(lab.directory, 'sink'))).toBe(true);
      expect(await isThere(serverPid ?? 0)).toBe(false);
      await writeFile(join(lab.directory, 'sink', 'smbd.pid'), `${process.pid}\n`);
      expect(await endLeftServer(join(lab.directory, 'sink'))).toBe(false);
      expect(await endLeftServer(join(lab.directory, 'sink'))).toBe(false);
    });

    it('does not outlive its owner', async () => {
      const { pid, owner } = await startElsewhere();
      expect(await isThere(pid)).toBe(true);
      owner.kill('SIGKILL');
      expect(await waitFor(async () => !(await isThere(pid)), { timeoutMs: 10_000 })).toBe(true);
      expect(await endLeftServer(join(lab.directory, 'sink'))).toBe(false);
      expect(await readdir(join(lab.directory, 'sink'))).toEqual([]);
    });

    /** Starts smbd from a process of its own, so that its owner can be killed. */
    async function startElsewhere() {
      const needed =
        /^core\/|^sinks\/smb\/(left-server|programs|samba-config|samba-server|state-directory)\.ts$/;
      const files = (await readdir('src', { recursive: true })).filter((name) => needed.test(name));
      for (const file of files.filter((name) => name.endsWith('.ts'))) {
        const path = join(lab.directory, 'src', file.replace(/ts$/, 'js'));
        await mkdir(dirname(path), { recursive: true });
        const { outputText } = ts.transpileModule(await readFile(join('src', file), 'utf8'), {
          compilerOptions: {
            module: ts.ModuleKind.ESNext,
            target: ts.ScriptTarget.ES2022,
            verbatimModuleSyntax: true,
          },
        });
        await writeFile(path, outputText);
      }
      await writeFile(join(lab.directory, 'package.json'), '{"type":"module"}');
      await symlink(resolve('node_modules'), join(lab.directory, 'node_modules'));
      await writeFile(
        join(lab.directory, 'owner.js'),
        `import { findSamba } from './src/sinks/smb/programs.js';
      import { startSamba } from './src/sinks/smb/samba-server.js';
      import { makeStateDirectory } from './src/sinks/smb/state-directory.js';
      const directory = ${JSON.stringify(join(lab.directory, 'sink'))};
      const paths = await makeStateDirectory(directory);
      const settings = { paths, share: 'drop', unixUser: 'nobody', frontAddresses: '127.64.0.0/255.255.0.0' };
      const server = await startSamba(findSamba(), settings, { user: 'lab', password: 'secret' }, directory);
      console.log(server.pid);`,
      );
      const owner = spawn(process.execPath, [join(lab.directory, 'owner.js')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      owner.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      await waitFor(() => output.endsWith('\n') || owner.exitCode !== null, { timeoutMs: 30_000 });
      return { pid: Number(output.trim()), owner };
    }
  },
);
