import type { ServerChannel, Session } from 'ssh2';
import type { Shell } from '../../../config/index.js';
import type { SimulatedProcess } from '../../activity.js';
import { sessionEnvironment } from '../environment.js';
import { streamInput, streamOutput } from '../streams.js';
import type { Machine } from '../types.js';

/** One SSH connection as the host sees it. */
export interface Login {
  readonly machine: Machine;
  readonly shell: Shell;
  readonly user: string;
  readonly home: string;
  /** The sshd.exe that serves this connection. */
  readonly sshd: SimulatedProcess;
  /** Logon session, for credentials of shares. */
  readonly logon: string;
}

const shells: Readonly<Record<Shell, { readonly program: string; readonly option: string }>> = {
  cmd: { program: 'c:\\windows\\system32\\cmd.exe', option: '/c' },
  powershell: { program: 'c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe', option: '-c' },
};

/** sshd's command line for the DefaultShell: quotes around the command; PowerShell's own quotes get backslashes, cmd's do not. */
export function shellCommandLine(shell: Shell, command: string): string {
  const { program, option } = shells[shell];
  const quoted =
    shell === 'cmd' ? command : command.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  return `"${program}" ${option} "${quoted}"`;
}

/** Runs a command in the DefaultShell; ends it, and all that it started, when the channel goes before the command does. */
export async function exec(
  login: Login,
  session: Session,
  channel: ServerChannel,
  command: string,
): Promise<void> {
  const { machine, shell } = login;
  const gone = new AbortController();
  channel.once('close', () => gone.abort());
  channel.on('error', () => gone.abort());
  const { program } = shells[shell];
  const image = (await machine.disk.find(program.replace(/^c/, 'C')))?.path ?? program;
  const running = await machine.launch({
    parent: login.sshd,
    image,
    commandLine: shellCommandLine(shell, command),
    directory: login.home,
    environment: sessionEnvironment(machine.name, login.user),
    logon: login.logon,
    stdin: streamInput(channel, gone.signal),
    stdout: streamOutput(channel.stdout, gone.signal),
    stderr: streamOutput(channel.stderr, gone.signal),
  });
  const state = { signalled: false };
  const end = (): void => {
    state.signalled = true;
    void machine.processes.terminateTree(running.process);
  };
  if (gone.signal.aborted) end();
  gone.signal.addEventListener('abort', end, { once: true });
  session.on('signal', (accept) => {
    if (typeof accept === 'function') accept();
    end();
  });
  const exitCode = await running.ended;
  gone.signal.removeEventListener('abort', end);
  if (channel.destroyed) return;
  if (state.signalled) channel.exit('TERM');
  else channel.exit(exitCode >>> 0);
  channel.end();
}
