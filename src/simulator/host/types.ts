import type { Clock } from '../../core/index.js';
import type { ActivityBus, SimulatedProcess } from '../activity.js';
import type { Redirector } from '../clients/smb/redirector.js';
import type { VirtualDisk } from './disk.js';
import type { Environment } from './environment.js';
import type { ProcessTable, RunningProcess } from './process-table.js';
import type { Input, Output } from './streams.js';

/** Answers `wevtutil.exe qe …`: the event store renders it. `args` are those after the program's name. */
export type WevtutilSource = (args: readonly string[]) => { stdout: string; exitCode: number };

/** Standard handles of a process. */
export interface StandardStreams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** What the operating system of a simulated host offers to its programs. */
export interface Machine {
  /** The computer's name. */
  readonly name: string;
  /** The address that every client of this host binds. */
  readonly address: string;
  /** Ports by the names in the services file. */
  readonly services: { readonly tftp: number; readonly smb: number };
  readonly clock: Clock;
  readonly bus: ActivityBus;
  readonly disk: VirtualDisk;
  /** Directory on the control host for what passes through. */
  readonly spool: string;
  readonly processes: ProcessTable;
  readonly redirector: Redirector;
  readonly wevtutil: WevtutilSource;
  /** Finds a program as CreateProcess and cmd.exe do: folder of the process first, then PATH; `.exe` may be left out. */
  findProgram(name: string, directory: string, environment: Environment): Promise<string | null>;
  /** Starts the executable at `image`. @throws WindowsError where it is none. */
  launch(request: LaunchRequest): Promise<RunningProcess>;
}

export interface LaunchRequest extends StandardStreams {
  readonly parent: SimulatedProcess;
  /** Full path of the executable. */
  readonly image: string;
  readonly commandLine: string;
  readonly directory: string;
  readonly environment: Environment;
  /** The logon session: credentials of network shares live in it (decisions.md, 3). */
  readonly logon: string;
}

/** What a program sees of its own process. */
export interface ProgramContext extends StandardStreams {
  readonly machine: Machine;
  readonly process: SimulatedProcess;
  /** Arguments after the program's name, by CommandLineToArgvW. */
  readonly args: readonly string[];
  /** The command line after the program's name, raw. */
  readonly tail: string;
  readonly environment: Environment;
  readonly logon: string;
  /** Aborted when the process is terminated. */
  readonly signal: AbortSignal;
}

/** One Windows program: what its executable is called and what it does. */
export interface Program {
  /** Name of the executable: `ftp.exe`. */
  readonly file: string;
  /** Folder below `C:\Windows\System32`, or none. */
  readonly folder?: string;
  /** As in the version resource: survives a renaming. */
  readonly originalFileName: string;
  /** @returns the exit code */
  run(context: ProgramContext): Promise<number>;
}
