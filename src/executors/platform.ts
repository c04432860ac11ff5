import type { Shell } from '../config/index.js';
import { InputError, LabError } from '../core/index.js';
import { renderCommand } from './quoting.js';
import type { CommandResult, HostDescription } from './types.js';

/** What takes a command on the host. POSIX shells are for tests. */
export type HostShell = Shell | 'posix';

type Run = (command: string, timeoutMs: number) => Promise<CommandResult>;

const probeTimeoutMs = 20_000;

/** Each shell expands its own half: cmd.exe the first, PowerShell the second, a POSIX shell neither. */
export const shellProbe = 'echo %COMSPEC% $PSVersionTable';

const clockScript = '[DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()';
const powershell = ['-NoProfile', '-NonInteractive'];

/** @throws LabError where the answer is none of the three */
export async function detectShell(run: Run): Promise<HostShell> {
  const { stdout, stderr, exitCode } = await run(shellProbe, probeTimeoutMs);
  if (/^[A-Za-z]:\\.*cmd\.exe \$PSVersionTable\s*$/im.test(stdout)) return 'cmd';
  // The table as PowerShell shows it.
  if (/PSVersion\b|Hashtable/.test(stdout)) return 'powershell';
  if (/^%COMSPEC%\s*$/.test(stdout)) return 'posix';
  throw new LabError({
    code: 'shell-not-recognised',
    message: `cannot tell which shell takes the commands: to "${shellProbe}" it answered "${(stdout + stderr).trim().slice(0, 200)}" (exit code ${exitCode ?? 'none'})`,
    remedy: 'set DefaultShell of the SSH server to cmd.exe or powershell.exe',
  });
}

/** Asks for the system, the account and the clock. What cannot be had is said: `unknown`, or a clock of null. */
export async function describeWindows(run: Run, shell: Shell): Promise<HostDescription> {
  const version = await run(
    shell === 'cmd' ? 'ver' : '[Environment]::OSVersion.VersionString',
    probeTimeoutMs,
  );
  const whoami = await run('whoami.exe', probeTimeoutMs);
  const clock = await run(
    renderCommand({ program: 'powershell.exe', args: [...powershell, '-Command', clockScript] }, shell),
    probeTimeoutMs,
  );
  const time = /^\s*(\d{13})\s*$/.exec(clock.stdout)?.[1];
  const known = ({ stdout }: CommandResult) => stdout.trim() || 'unknown';
  return {
    os: known(version),
    shell,
    user: known(whoami),
    clock: time === undefined ? null : Number(time),
    clockUncertaintyMs: (clock.endedAt - clock.startedAt) / 2,
  };
}

/** @throws InputError for a marker that could match more than one execution's processes */
function requireMarker(marker: string): void {
  if (!/^[A-Za-z0-9_-]{6,64}$/.test(marker))
    throw new InputError({ code: 'marker-not-usable', message: `"${marker}" cannot mark a process tree` });
}

/**
 * The PowerShell script that ends every process whose command line holds the marker, with its children, but never itself nor
 * what it runs under (the session).
 */
export function endProcessesScript(marker: string): string {
  requireMarker(marker);
  return [
    `$marker = '${marker}'`,
    // A list of processes that could not be had must not look like one without ours.
    "$ErrorActionPreference = 'Stop'",
    '$all = Get-CimInstance Win32_Process',
    '$own = @()',
    'for ($id = $PID; $id -and $own -notcontains $id; $id = ($all | Where-Object ProcessId -eq $id).ParentProcessId) { $own += $id }',
    '$all | Where-Object { $_.CommandLine -like "*$marker*" -and $own -notcontains $_.ProcessId } |',
    '  ForEach-Object { taskkill.exe /F /T /PID $_.ProcessId | Out-Null }',
    // taskkill fails on a child that went with its parent, so what is left decides.
    '$left = Get-CimInstance Win32_Process | Where-Object { $_.CommandLine -like "*$marker*" -and $own -notcontains $_.ProcessId }',
    'if ($left) { exit 1 }',
    'exit 0',
  ].join('\n');
}

/** Sent encoded, so that its own command line does not hold the marker. */
function endProcessesCommand(marker: string, shell: HostShell): string {
  requireMarker(marker);
  if (shell === 'posix') {
    // The brackets keep the pattern from matching the shell that searches. Stopped first, so that
    // nobody forks while we look; children before parents, since an orphan is not found.
    const pattern = `'[${marker.charAt(0)}]${marker.slice(1)}'`;
    return `pkill -STOP -f ${pattern}; found=$(pgrep -d, -f ${pattern}) && { pkill -KILL -P "$found"; pkill -KILL -f ${pattern}; true; }`;
  }
  const encoded = Buffer.from(endProcessesScript(marker), 'utf16le').toString('base64');
  return renderCommand(
    { program: 'powershell.exe', args: [...powershell, '-EncodedCommand', encoded] },
    shell,
  );
}

/** @throws LabError `processes-left` where some cannot be ended, or we could not look */
export async function endProcesses(run: Run, marker: string, shell: HostShell): Promise<void> {
  const { exitCode, stderr, ended } = await run(endProcessesCommand(marker, shell), probeTimeoutMs);
  // pgrep: 1 means that there was none.
  if (exitCode === 0 || (shell === 'posix' && exitCode === 1)) return;
  throw new LabError({
    code: 'processes-left',
    message: `processes of ${marker} may be left: ${stderr.trim().slice(0, 200) || `exit code ${exitCode ?? ended}`}`,
    remedy: `look for processes with ${marker} on their command line on the host, and end them`,
  });
}
