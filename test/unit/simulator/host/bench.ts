import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../src/core/index.js';
import { activityBus, type Activity } from '../../../../src/simulator/activity.js';
import type { Redirector, Unc } from '../../../../src/simulator/clients/index.js';
import { virtualDisk } from '../../../../src/simulator/host/disk.js';
import { sessionEnvironment } from '../../../../src/simulator/host/environment.js';
import { installPrograms, machine } from '../../../../src/simulator/host/machine.js';
import { processTable } from '../../../../src/simulator/host/process-table.js';
import { bufferInput, bufferOutput, emptyInput } from '../../../../src/simulator/host/streams.js';
import type { Machine } from '../../../../src/simulator/host/types.js';
import { WindowsError } from '../../../../src/simulator/host/windows-error.js';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A simulated machine without its SSH server; shares are a map in memory. */
export interface Bench {
  readonly machine: Machine;
  readonly activities: Activity[];
  /** Content of files on shares, by `\\server\share\path`. */
  readonly shares: Map<string, string>;
  /** Runs a command line as the SSH server does: in the session's cmd.exe. */
  cmd(command: string, stdin?: string): Promise<Ran>;
  /** Runs a program by its full command line. */
  run(image: string, commandLine: string, stdin?: string): Promise<Ran>;
  write(path: string, content: string | Buffer): Promise<void>;
  read(path: string): Promise<string>;
  close(): Promise<void>;
}

function memoryShares(shares: Map<string, string>): Redirector {
  const name = (unc: Unc): string => `\\\\${unc.server}\\${unc.share}\\${unc.path}`;
  return {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.reject(new WindowsError(2250)),
    connections: () => [],
    put: async (_logon, to, file) => {
      shares.set(name(to), await readFile(file, 'utf8'));
    },
    get: async (_logon, from, file) => {
      const content = shares.get(name(from));
      if (content === undefined) throw new WindowsError(2);
      await writeFile(file, content);
    },
    endLogon: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
}

export async function bench(address = '127.0.0.1'): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'simulated-machine-'));
  const activities: Activity[] = [];
  const bus = activityBus();
  bus.subscribe((activity) => activities.push(activity));
  const clock = systemClock;
  const disk = virtualDisk(join(directory, 'c'));
  const spool = join(directory, 'spool');
  await mkdir(join(directory, 'c'));
  await mkdir(spool);
  const shares = new Map<string, string>();
  const processes = processTable({ computer: 'WS01', seed: 'seed', clock, bus });
  const self = machine({
    name: 'WS01',
    address,
    services: { tftp: 69, smb: 445 },
    clock,
    bus,
    disk,
    spool,
    processes,
    redirector: memoryShares(shares),
    wevtutil: (args) => ({ stdout: `events for ${args.join(' ')}\r\n`, exitCode: 0 }),
  });
  await installPrograms(disk);
  const home = 'C:\\Users\\lab';
  await disk.makeDirectory(home);
  const run: Bench['run'] = async (image, commandLine, stdin) => {
    const [stdout, stderr] = [bufferOutput(), bufferOutput()];
    const running = await self.launch({
      parent: processes.sshd,
      image,
      commandLine,
      directory: home,
      environment: sessionEnvironment('WS01', 'lab'),
      logon: 'logon-1',
      stdin: stdin === undefined ? emptyInput : bufferInput(Buffer.from(stdin)),
      stdout,
      stderr,
    });
    const exitCode = await running.ended;
    return { exitCode, stdout: stdout.content().toString('utf8'), stderr: stderr.content().toString('utf8') };
  };
  return {
    machine: self,
    activities,
    shares,
    run,
    cmd: (command, stdin) =>
      run('C:\\Windows\\System32\\cmd.exe', `"c:\\windows\\system32\\cmd.exe" /c "${command}"`, stdin),
    write: (path, content) => disk.write(path, content),
    read: async (path) => (await disk.readWhole(path)).toString('utf8'),
    async close() {
      await processes.terminateAll();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
