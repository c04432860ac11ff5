import { endProcessesScript } from '../../../executors/index.js';
import type { SimulatedProcess } from '../../activity.js';
import type { RunningProcess } from '../process-table.js';
import type { ProgramContext } from '../types.js';
import { asWindowsError } from '../windows-error.js';
import { powershellVersion, windowsBuild, windowsVersion } from '../version.js';
import { nativeCommandLine, splitStatements, splitWords, textExpression, type Word } from './words.js';

/** Runs a staged script. @returns its exit code */
export type ScriptRunner = (path: string, args: readonly string[]) => Promise<number>;

/** The state of one powershell.exe that runs text. */
interface Session {
  readonly context: ProgramContext;
  readonly runScript: ScriptRunner;
  succeeded: boolean;
  lastExitCode: number | null;
  /** Set by `exit`. */
  exitCode: number | null;
}

const versionTable = [
  ['PSVersion', powershellVersion],
  ['PSEdition', 'Desktop'],
  ['PSCompatibleVersions', '{1.0, 2.0, 3.0, 4.0...}'],
  ['BuildVersion', windowsVersion],
  ['CLRVersion', '4.0.30319.42000'],
  ['WSManStackVersion', '3.0'],
  ['PSRemotingProtocolVersion', '2.3'],
  ['SerializationVersion', '1.1.0.1'],
] as const;

function shownTable(): string {
  const row = (name: string, value: string): string => `${name.padEnd(30)} ${value}`.padEnd(79);
  const rows = [
    row('Name', 'Value'),
    row('----', '-----'),
    ...versionTable.map(([name, value]) => row(name, value)),
  ];
  return `\r\n${rows.join('\r\n')}\r\n\r\n\r\n`;
}

/**
 * Runs PowerShell text as far as scenarios and the SSH executor use the language: native programs and staged scripts by name or
 * call operator, echo, exit, variables of the environment, Process.Start with a whole command line. Anything else is answered as
 * PowerShell answers an unknown command.
 * @returns the exit code of `powershell.exe -Command`: 0 or 1 by the last statement's success, or what `exit` says
 */
export async function runPowerShell(
  context: ProgramContext,
  runScript: ScriptRunner,
  text: string,
): Promise<number> {
  const marker = /^\$marker = '([\w-]+)'/.exec(text)?.[1];
  if (marker !== undefined && text === endProcessesScript(marker)) return endMarked(context, marker);
  const session: Session = { context, runScript, succeeded: true, lastExitCode: null, exitCode: null };
  for (const statement of splitStatements(text)) {
    await runStatement(session, statement);
    if (session.exitCode !== null) return session.exitCode;
    if (context.signal.aborted) return 1;
  }
  return session.succeeded ? 0 : 1;
}

/** What the executor's script does: ends what has the marker on its command line, and all below it, but not itself. */
async function endMarked({ machine, process }: ProgramContext, marker: string): Promise<number> {
  const own = new Set<number>();
  for (let above: SimulatedProcess | null = process; above !== null; above = above.parent) own.add(above.pid);
  const marked = machine.processes
    .running()
    .filter(({ pid, commandLine }) => commandLine.includes(marker) && !own.has(pid));
  await Promise.all(marked.map((one) => machine.processes.terminateTree(one)));
  return 0;
}

function variable(session: Session, name: string): string | undefined {
  const { context } = session;
  const [, environment] = /^env:(.+)$/i.exec(name) ?? [];
  if (environment !== undefined) return context.environment.get(environment);
  switch (name.toLowerCase()) {
    case 'pid':
      return String(context.process.pid);
    case 'lastexitcode':
      return session.lastExitCode === null ? undefined : String(session.lastExitCode);
    case 'psversiontable':
      return 'System.Collections.Hashtable';
    default:
      return undefined;
  }
}

/** The exact statements that the executor adds or makes; each is a pattern with its effect. */
const idioms: readonly (readonly [
  RegExp,
  (session: Session, match: RegExpExecArray) => Promise<void> | void,
])[] = [
  [
    /^if \(!\$\?\) \{ if \(\$LASTEXITCODE\) \{ exit \$LASTEXITCODE \} exit 1 \}$/,
    (session) => {
      if (!session.succeeded) session.exitCode = session.lastExitCode ?? 1;
    },
  ],
  [/^exit\b\s*(.*)$/i, (session, [, value]) => exit(session, value ?? '')],
  [
    /^\$p = \[Diagnostics\.Process\]::Start\(\(New-Object Diagnostics\.ProcessStartInfo -Property @\{FileName=(.*?); Arguments=(.*); UseShellExecute=\$false\}\)\)$/s,
    (session, [, file, args]) =>
      startProcess(session, textExpression(file ?? ''), textExpression(args ?? '')),
  ],
  [/^if \(!\$p\) \{ exit 1 \}$/, (session) => void (session.exitCode = session.succeeded ? null : 1)],
  [/^\$p\.WaitForExit\(\)$/, () => undefined],
  [
    /^\[DateTimeOffset\]::UtcNow\.ToUnixTimeMilliseconds\(\)$/i,
    (session) => print(session, String(session.context.machine.clock.now())),
  ],
  [
    /^\[Environment\]::OSVersion\.VersionString$/i,
    (session) => print(session, `Microsoft Windows NT 10.0.${windowsBuild.build}.0`),
  ],
  [/^\$ExecutionContext\.SessionState\.LanguageMode$/i, (session) => print(session, 'FullLanguage')],
  [/^Get-SmbClientConfiguration\b(.*)$/is, (session, [, rest]) => smbConfiguration(session, rest ?? '')],
  [/^\$PSVersionTable$/i, (session) => session.context.stdout.write(shownTable())],
];

/** Defaults of 24H2: signing is required, encryption is not. */
const smbClient: Readonly<Record<string, boolean>> = {
  RequireSecuritySignature: true,
  RequireEncryption: false,
  EnableInsecureGuestLogons: false,
  BlockNTLM: false,
};

/** `Get-SmbClientConfiguration | Select-Object -Property a,b | ConvertTo-Json -Compress` */
async function smbConfiguration(session: Session, rest: string): Promise<void> {
  const [, names] =
    /^\s*\|\s*Select-Object -Property ([\w,]+)\s*\|\s*ConvertTo-Json -Compress$/i.exec(rest) ?? [];
  if (names === undefined) return unknown(session, 'Get-SmbClientConfiguration');
  const selected = names.split(',').map((name) => [name, smbClient[name] ?? null] as const);
  await print(session, JSON.stringify(Object.fromEntries(selected)));
  session.succeeded = true;
}

function exit(session: Session, value: string): void {
  const code = /^\$LASTEXITCODE$|^\$p\.ExitCode$/i.test(value)
    ? (session.lastExitCode ?? 0)
    : Number(value || 0);
  session.exitCode = Number.isInteger(code) ? code : 0;
}

function print(session: Session, text: string): Promise<void> {
  return session.context.stdout.write(`${text}\r\n`);
}

async function startProcess(session: Session, file: string | null, args: string | null): Promise<void> {
  const { machine, process, environment } = session.context;
  const image = file === null ? null : await machine.findProgram(file, process.currentDirectory, environment);
  session.succeeded = image !== null && args !== null;
  if (image === null || args === null) {
    await session.context.stderr.write(
      'Exception calling "Start" with "1" argument(s): "The system cannot find the file specified"\r\n',
    );
    return;
  }
  await ended(session, image, `"${file ?? image}" ${args}`);
  // The method call succeeded, whatever the program ended with.
  session.succeeded = true;
}

async function ended(session: Session, image: string, commandLine: string): Promise<void> {
  const { machine, process, environment, logon, stdin, stdout, stderr } = session.context;
  const child: RunningProcess = await machine.launch({
    parent: process,
    image,
    commandLine,
    directory: process.currentDirectory,
    environment,
    logon,
    stdin,
    stdout,
    stderr,
  });
  session.lastExitCode = await child.ended;
  session.succeeded = session.lastExitCode === 0;
}

async function echo(session: Session, words: readonly Word[]): Promise<void> {
  for (const { text } of words) {
    if (text === 'System.Collections.Hashtable') await session.context.stdout.write(shownTable());
    else await print(session, text);
  }
  session.succeeded = true;
}

async function runStatement(session: Session, statement: string): Promise<void> {
  for (const [pattern, effect] of idioms) {
    const match = pattern.exec(statement);
    if (match !== null) return effect(session, match);
  }
  const words = splitWords(statement, (name) => variable(session, name));
  const called = words[0]?.text === '&' || words[0]?.text === '.';
  const [command, ...args] = called ? words.slice(1) : words;
  if (command === undefined) return;
  // A quoted text or a variable by itself is a value, and is printed.
  if (!called && args.length === 0 && (command.quoted || statement.startsWith('$')))
    return echo(session, words);
  if (/^(echo|write-output|write-host)$/i.test(command.text)) return echo(session, args);
  if (/\.ps1$/i.test(command.text)) {
    session.lastExitCode = await session.runScript(
      command.text,
      args.map((word) => word.text),
    );
    session.succeeded = session.lastExitCode === 0;
    return;
  }
  const { machine, process, environment } = session.context;
  const image = await machine.findProgram(command.text, process.currentDirectory, environment);
  if (image === null) {
    await unknown(session, command.text);
    return;
  }
  try {
    await ended(session, image, nativeCommandLine(image, args));
  } catch (error) {
    await session.context.stderr.write(
      `Program '${command.text}' failed to run: ${asWindowsError(error).message}\r\n`,
    );
    session.succeeded = false;
  }
}

async function unknown(session: Session, name: string): Promise<void> {
  session.succeeded = false;
  await session.context.stderr.write(
    `${name} : The term '${name}' is not recognized as the name of a cmdlet, function, script file, or operable program. ` +
      'Check the spelling of the name, or if a path was included, verify that the path is correct and try again.\r\n' +
      `    + CategoryInfo          : ObjectNotFound: (${name}:String) [], CommandNotFoundException\r\n` +
      '    + FullyQualifiedErrorId : CommandNotFoundException\r\n',
  );
}
