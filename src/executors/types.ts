import type { Shell } from '../config/index.js';
import type { Secret } from '../core/index.js';

export interface RunOptions {
  /** Sent to the command with a line break, then standard input is closed. Never journalled. */
  readonly stdin?: Secret;
  readonly timeoutMs: number;
  /** Output beyond this many bytes (standard output and error each) is cut. Default 1 MiB. */
  readonly maxOutputBytes?: number;
  /** Ends the command and its process tree. */
  readonly signal?: AbortSignal;
  /**
   * A word on the command line (the execution id) by which the process tree is found when it has to be ended. Without one
   * only the command's channel is closed.
   */
  readonly marker?: string;
}

/** The executor's record of one command. Times are milliseconds since the epoch, by the control host's clock. */
export interface CommandResult {
  /** null where the command was ended by us or the connection broke. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly pid?: number;
  readonly ended: 'exit' | 'timeout' | 'aborted' | 'lost';
  /** Output was cut at maxOutputBytes. */
  readonly truncated: boolean;
}

export interface StagedFile {
  /** Absolute path on the host, in the host's own form (`C:\Dyetrace\dk3f9q2x.bin`). */
  readonly path: string;
  readonly content: () => AsyncIterable<Buffer>;
}

export interface HostDescription {
  readonly os: string;
  readonly shell: Shell;
  readonly user: string;
  /** The host's clock when asked, ms since the epoch; null where it could not be read. */
  readonly clock: number | null;
  /** Half of the round trip of that question: the uncertainty of `clock`. */
  readonly clockUncertaintyMs: number;
}

/** How commands and files reach one host. One instance per host and execution; steps share its session. */
export interface Executor {
  /** Runs a command line as the host's shell takes it. @throws LabError where the host cannot be reached. */
  run(command: string, options: RunOptions): Promise<CommandResult>;
  /** Writes a file; makes no directories. An existing file is an error: it is not ours. */
  stage(file: StagedFile): Promise<void>;
  /** Makes a directory (not its parents). @returns false where it was there already: then it is not ours to remove. */
  makeDirectory(path: string): Promise<boolean>;
  /** @throws InputError with code `not-found` where there is no such file. */
  read(path: string, maxBytes?: number): Promise<Buffer>;
  /** Removes a file. Absent is fine. */
  remove(path: string): Promise<void>;
  /**
   * Ends every process of the host whose command line holds the marker (an execution id), with its children; none is fine.
   * For clean-up after a crash, when the session that started them is gone.
   */
  endProcesses(marker: string): Promise<void>;
  /** Removes an empty directory. Absent is fine. */
  removeDirectory(path: string): Promise<void>;
  describe(): Promise<HostDescription>;
  close(): Promise<void>;
}
