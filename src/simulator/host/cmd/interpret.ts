import { openInput, placeOf, withOutput } from '../files.js';
import { bufferInput, bufferOutput, type Output } from '../streams.js';
import type { StandardStreams } from '../types.js';
import { WindowsError, asWindowsError, printed } from '../windows-error.js';
import { builtins } from './builtins/index.js';
import type { Condition } from './condition.js';
import { expandVariables } from './expand.js';
import { bodyWith, filledIn, loopValues, type Loop } from './loop.js';
import { parseCmd, type CmdNode } from './parse.js';
import { CmdSyntaxError, type Redirection } from './scanner.js';
import type { CmdShell } from './shell.js';

/** cmd.exe's limit for a command line, before and after its variables are expanded. https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation */
const lineLimit = 8191;

/** Runs one line in a cmd.exe. @returns the error level after it */
export async function runLine(shell: CmdShell, line: string, streams: StandardStreams): Promise<number> {
  const expanded = expandVariables(line, (name) => variable(shell, name));
  if (Math.max(line.length, expanded.length) > lineLimit) {
    await streams.stderr.write('The command line is too long.\r\n');
    return (shell.errorLevel = 1);
  }
  try {
    const node = parseCmd(expanded);
    if (node !== null) await runNode(shell, node, streams);
  } catch (error) {
    if (!(error instanceof CmdSyntaxError)) throw error;
    await streams.stderr.write(`${error.message}\r\n`);
    shell.errorLevel = 1;
  }
  return shell.errorLevel;
}

/** Variables that cmd.exe makes up when they are asked for, besides the environment's own. */
function variable(shell: CmdShell, name: string): string | undefined {
  const defined = shell.environment.get(name);
  if (defined !== undefined) return defined;
  const now = new Date(shell.machine.clock.now());
  const two = (value: number): string => String(value).padStart(2, '0');
  switch (name.toUpperCase()) {
    case 'CD':
      return shell.directory;
    case 'ERRORLEVEL':
      return String(shell.errorLevel);
    case 'DATE':
      return `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][now.getUTCDay()] ?? ''} ${two(now.getUTCMonth() + 1)}/${two(now.getUTCDate())}/${now.getUTCFullYear()}`;
    case 'TIME':
      return `${String(now.getUTCHours()).padStart(2)}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}.${two(Math.floor(now.getUTCMilliseconds() / 10))}`;
    default:
      return undefined;
  }
}

async function runNode(shell: CmdShell, node: CmdNode, streams: StandardStreams): Promise<number> {
  if (shell.exitCode !== null || shell.signal.aborted) return shell.errorLevel;
  switch (node.kind) {
    case 'sequence': {
      const level = await runNode(shell, node.left, streams);
      const goesOn = node.operator === '&' || (node.operator === '&&') === (level === 0);
      return goesOn ? runNode(shell, node.right, streams) : level;
    }
    case 'pipe': {
      // One after the other: what the left side wrote is the right side's input.
      const pipe = bufferOutput();
      await runNode(shell, node.left, { ...streams, stdout: pipe });
      return runNode(shell, node.right, { ...streams, stdin: bufferInput(pipe.content()) });
    }
    case 'if': {
      const branch = (await holds(shell, node.condition)) ? node.then : node.otherwise;
      return branch === null ? shell.errorLevel : runNode(shell, branch, streams);
    }
    case 'for':
      return runLoop(shell, node.loop, streams);
    case 'group':
      return redirected(shell, node.redirections, streams, (inner) => runNode(shell, node.body, inner));
    case 'command':
      return redirected(shell, node.redirections, streams, (inner) => runCommand(shell, node.text, inner));
  }
}

async function runLoop(shell: CmdShell, loop: Loop, streams: StandardStreams): Promise<number> {
  for (const value of await loopValues(shell, loop)) {
    if (shell.exitCode !== null || shell.signal.aborted) break;
    const shown = filledIn(shell, loop.text, loop.variable, value);
    if (!loop.quiet) await streams.stdout.write(`\r\n${shell.directory}>${shown} \r\n`);
    await runNode(shell, bodyWith(shell, loop.body, loop.variable, value), streams);
  }
  return shell.errorLevel;
}

async function holds(shell: CmdShell, condition: Condition): Promise<boolean> {
  const test = async (): Promise<boolean> => {
    switch (condition.test) {
      case 'exist': {
        try {
          const path = shell.machine.disk.resolve(condition.path, shell.directory);
          return (await shell.machine.disk.find(path)) !== null;
        } catch {
          return false;
        }
      }
      case 'defined':
        return variable(shell, condition.name) !== undefined;
      case 'errorlevel':
        return shell.errorLevel >= condition.level;
      case 'equal': {
        const { left, right, ignoreCase } = condition;
        return ignoreCase ? left.toLowerCase() === right.toLowerCase() : left === right;
      }
    }
  };
  return (await test()) !== condition.not;
}

/** Opens what the redirections name, in their order, around the work. */
async function redirected(
  shell: CmdShell,
  redirections: readonly Redirection[],
  streams: StandardStreams,
  work: (streams: StandardStreams) => Promise<number>,
): Promise<number> {
  const [first, ...others] = redirections;
  if (first === undefined) return work(streams);
  const next = (inner: StandardStreams): Promise<number> => redirected(shell, others, inner, work);
  const handles = ['stdin', 'stdout', 'stderr'] as const;
  const handle = handles[first.handle];
  if (first.mode === 'duplicate') {
    const from = first.to === '2' ? streams.stderr : streams.stdout;
    return handle === 'stdin' ? next(streams) : next({ ...streams, [handle]: from });
  }
  try {
    const place = placeOf(shell.machine, first.to, shell.directory);
    if (first.mode === 'read') return await next({ ...streams, stdin: await openInput(shell, place) });
    return await withOutput(shell, place, first.mode === 'append', (output: Output) =>
      next({ ...streams, [handle]: output }),
    );
  } catch (error) {
    if (!(error instanceof WindowsError) && !(error instanceof Error && 'code' in error)) throw error;
    await streams.stderr.write(printed(asWindowsError(error)));
    return (shell.errorLevel = 1);
  }
}

async function runCommand(shell: CmdShell, text: string, streams: StandardStreams): Promise<number> {
  if (text.trim() === '') return shell.errorLevel;
  const builtin = /^([a-z]+)(?=$|[\s,;=./\\+:[\]"(])/i.exec(text)?.[1];
  const own = builtins.get(builtin?.toLowerCase() ?? '');
  // `type.exe` is a program's name; `echo.` is echo.
  if (own !== undefined && !/^[a-z]+\.[a-z]{3}(\s|$)/i.test(text)) {
    return (shell.errorLevel = await own(shell, text.slice(builtin?.length), streams));
  }
  const name = /^(?:"([^"]*)"?|([^\s,;=]+))/.exec(text);
  const program = name?.[1] ?? name?.[2] ?? '';
  const { machine, directory, environment } = shell;
  const image = await machine.findProgram(program, directory, environment);
  if (image === null) {
    await streams.stderr.write(
      `'${name?.[0] ?? text}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`,
    );
    return (shell.errorLevel = 1);
  }
  try {
    const child = await machine.launch({
      ...streams,
      parent: shell.process,
      image,
      commandLine: text.trimEnd(),
      directory,
      environment,
      logon: shell.logon,
    });
    return (shell.errorLevel = await child.ended);
  } catch (error) {
    await streams.stderr.write(printed(asWindowsError(error)));
    return (shell.errorLevel = 1);
  }
}
