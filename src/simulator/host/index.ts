import { mkdir } from 'node:fs/promises';
import { join, win32 } from 'node:path';
import type { ActivityBus } from '../activity.js';
import { redirector } from '../clients/index.js';
import type { SimulatedHostOptions } from '../types.js';
import { virtualDisk } from './disk.js';
import { installPrograms, machine } from './machine.js';
import { processTable, type ProcessTable } from './process-table.js';
import { startSshServer, type SshServer } from './ssh/server.js';
import type { WevtutilSource } from './types.js';

export type { WevtutilSource } from './types.js';
export type { ProcessTable } from './process-table.js';

export type WindowsHostOptions = Pick<
  SimulatedHostOptions,
  | 'name'
  | 'address'
  | 'port'
  | 'shell'
  | 'user'
  | 'authorizedKey'
  | 'marker'
  | 'directory'
  | 'services'
  | 'smbclient'
  | 'clock'
  | 'seed'
> & {
  readonly bus: ActivityBus;
  /** Answers `wevtutil.exe`; absent: no channel is known. */
  readonly wevtutil?: WevtutilSource;
};

/** A simulated Windows host without its sensors. */
export interface WindowsHost {
  /** Its processes: background activity takes PIDs and GUIDs from here. */
  readonly processes: ProcessTable;
  /** `LAB\dyetrace`: the account that sessions run as. */
  readonly account: string;
  /** @throws LabError where the SSH server cannot listen */
  start(): Promise<{ readonly port: number; readonly hostKey: string }>;
  /** Ends sessions and processes and closes every socket. Idempotent. */
  stop(): Promise<void>;
}

const noChannels: WevtutilSource = () => ({
  stdout: 'Failed to read events. The specified channel could not be found.\r\n',
  exitCode: 15007,
});

export function createWindowsHost(options: WindowsHostOptions): WindowsHost {
  const { name, address, clock, bus, user } = options;
  const account = `${name.split('.')[0] ?? name}\\${user}`;
  const home = `C:\\Users\\${user}`;
  const disk = virtualDisk(join(options.directory, 'c'));
  const spool = join(options.directory, 'spool');
  const processes = processTable({ computer: name, seed: options.seed, clock, bus });
  const shares = redirector(
    { address, clock, bus },
    {
      smbclient: options.smbclient,
      port: options.services.smb,
      system: processes.system,
      directory: join(options.directory, 'smbclient'),
    },
  );
  const system = machine({
    name,
    address,
    services: options.services,
    clock,
    bus,
    disk,
    spool,
    processes,
    redirector: shares,
    wevtutil: options.wevtutil ?? noChannels,
  });
  let server: SshServer | null = null;

  return {
    processes,
    account,
    async start() {
      await mkdir(join(options.directory, 'c'), { recursive: true });
      await mkdir(spool, { recursive: true });
      await disk.makeDirectory(`${home}\\AppData\\Local\\Temp`);
      await disk.makeDirectory(win32.dirname(options.marker.path));
      await disk.write(options.marker.path, options.marker.content);
      await installPrograms(disk);
      server = await startSshServer({ ...options, machine: system, account, home });
      return { port: server.port, hostKey: server.hostKey };
    },
    async stop() {
      const running = server;
      server = null;
      await processes.terminateAll();
      await running?.stop();
      await processes.terminateAll();
      await shares.stop();
    },
  };
}
