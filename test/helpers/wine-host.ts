import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sshExecutor, type Executor } from '../../src/executors/index.js';
import { startSshd } from './sshd.js';

/** Programs that a suite with a Wine host needs. */
export const wineHostPrograms = [
  'wine',
  'wineserver',
  'wineboot',
  'sshd',
  'ssh-keygen',
  'perl',
  'x86_64-w64-mingw32-gcc',
];

/** Wine's cmd.exe and rundll32.exe behind OpenSSH's sshd on 127.0.0.1: commands arrive as Windows' own SSH server passes them on. */
export interface WineHost {
  /** `C:\…` as a path of this machine. */
  unixPath(path: string): string;
  connect(): Executor;
  /** Builds a C program with mingw-w64 into the host's `C:\`. */
  build(name: string, source: string, options?: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Stand-in for what Windows' SSH server does with a command: it starts `cmd.exe /c "<command>"`, character for character. (Given
 * as an argument to wine, the command would be quoted once more.)
 */
const sessionSource = `
#include <windows.h>
#include <wchar.h>
int wmain(void)
{
    static wchar_t command[32768], line[32900];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 1;
    GetEnvironmentVariableW(L"SSH_ORIGINAL_COMMAND", command, 32768);
    swprintf(line, 32900, L"\\"C:\\\\windows\\\\system32\\\\cmd.exe\\" /c \\"%ls\\"", command);
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
        return 126;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
`;

/**
 * Windows ends a session's processes with its channel; POSIX does not. This watches the channel (nobody reads standard output any
 * more) and then ends the session's process group.
 */
const watchSource = `#!/usr/bin/perl
use IO::Poll qw(POLLERR POLLHUP);
# A forced command stands before the subsystem too.
if ($ENV{SSH_ORIGINAL_COMMAND} eq 'internal-sftp') {
  for my $server (qw(/usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/libexec/sftp-server)) {
    exec($server) if -x $server;
  }
  exit 126;
}
my $child = fork();
if (!$child) { exec('wine', $ENV{DYETRACE_SESSION_EXE}) or exit 126 }
my $poll = IO::Poll->new;
$poll->mask(\\*STDOUT => POLLERR | POLLHUP);
while (1) {
  my $ended = waitpid($child, 1);
  exit($? & 127 ? 255 : $? >> 8) if $ended == $child;
  kill('KILL', -getpgrp()) if $poll->poll(0.05) > 0;
}
`;

async function compile(source: string, out: string, options: readonly string[]): Promise<void> {
  const file = `${out}.c`;
  await writeFile(file, source);
  await promisify(execFile)('x86_64-w64-mingw32-gcc', [
    '-municode',
    '-O1',
    '-s',
    '-o',
    out,
    file,
    ...options,
  ]);
  await rm(file);
}

/** Without pipes: what wine leaves running would hold them open. */
function startWine(program: string, parameters: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(program, parameters, { env, stdio: 'ignore' });
}

/** Takes about 20 s. */
export async function startWineHost(): Promise<WineHost> {
  const directory = await mkdtemp(join(tmpdir(), 'dyetrace-wine-'));
  const prefix = join(directory, 'prefix');
  const unixPath = (path: string) => join(prefix, 'drive_c', ...path.slice(3).split('\\'));
  const environment = {
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // No explorer.exe: without a screen it waits for a service in vain, 10 s for each rundll32.exe.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=;explorer.exe=',
    // File names and commands beyond ASCII.
    LC_ALL: 'C.UTF-8',
  };
  const env = { ...process.env, ...environment };
  await mkdir(prefix);
  // Persistent: otherwise each command pays its start.
  const server = startWine('wineserver', ['-f', '-p'], env);
  const stopWine = async () => {
    // The server of this prefix alone, with the programs that it serves.
    await once(startWine('wineserver', ['-k'], env), 'exit');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
  const [code] = (await once(startWine('wineboot', ['-i'], env), 'exit')) as [number | null];
  if (code !== 0) {
    await stopWine();
    throw new Error(`wineboot ended with ${code}`);
  }
  const session = join(directory, 'session.exe');
  await compile(sessionSource, session, []);
  const watch = join(directory, 'watch');
  await writeFile(watch, watchSource);
  await chmod(watch, 0o755);
  const variables = Object.entries({ ...environment, DYETRACE_SESSION_EXE: session });
  const sshd = await startSshd([
    `SetEnv ${variables.map(([name, value]) => `"${name}=${value}"`).join(' ')}`,
    `ForceCommand ${watch}`,
  ]);
  await mkdir(unixPath('C:\\ProgramData\\Dyetrace'), { recursive: true });
  return {
    unixPath,
    connect: () => sshExecutor({ ...sshd.options, hostId: 'wine', toSftpPath: unixPath }),
    async build(name, source, options = []) {
      await compile(source, unixPath(`C:\\${name}`), options);
      return `C:\\${name}`;
    },
    async stop() {
      await sshd.stop();
      await stopWine();
    },
  };
}
