import { messageOf } from '../../../core/index.js';
import type { ProgramContext } from '../../host/types.js';
import { WindowsError, asWindowsError } from '../../host/windows-error.js';
import { NotATracer, type ScriptContext, type StagedScript } from './script-types.js';
import { knownScript } from './scripts.js';

/**
 * Binds `-Name value` (names may be cut short, case does not matter) and what stands without a name, in the order of `param`.
 * @returns what PowerShell complains of, as text
 */
function bind(script: StagedScript, args: readonly string[]): Record<string, string> | string {
  const names = Object.keys(script.parameters);
  const values: Record<string, string> = {};
  const positional: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [, wanted] = /^-([A-Za-z]\w*):?$/.exec(args[at] ?? '') ?? [];
    if (wanted === undefined) {
      positional.push(args[at] ?? '');
      continue;
    }
    const beginning = names.filter((known) => known.toLowerCase().startsWith(wanted.toLowerCase()));
    const name = beginning.find((known) => known.length === wanted.length) ?? beginning[0];
    if (name === undefined) return `A parameter cannot be found that matches parameter name '${wanted}'.`;
    if (beginning.length > 1 && name.length !== wanted.length)
      return `Parameter cannot be processed because the parameter name '${wanted}' is ambiguous. Possible matches include: -${beginning.join(' -')}.`;
    at += 1;
    const value = args[at];
    if (value === undefined) return `Missing an argument for parameter '${name}'.`;
    values[name] = value;
  }
  for (const [name, { fallback, valid }] of Object.entries(script.parameters)) {
    const given = values[name] ?? positional.shift();
    values[name] = given ?? fallback ?? '';
    if (given !== undefined && valid?.test(given) === false)
      return `Cannot validate argument on parameter '${name}'.`;
  }
  if (positional.length > 0)
    return `A positional parameter cannot be found that accepts argument '${positional[0] ?? ''}'.`;
  const missing = names.filter((name) => script.parameters[name]?.fallback === null && values[name] === '');
  return missing.length === 0
    ? values
    : `Cannot process command because of one or more missing mandatory parameters: ${missing.join(' ')}.`;
}

/**
 * Runs a script file. What it is decides the SHA-256 of its content; a script that is not one of ours is not run.
 * @returns the exit code that the script ends with
 */
export async function runScript(
  context: ProgramContext,
  file: string,
  args: readonly string[],
): Promise<number> {
  const { machine, process } = context;
  let content: Buffer;
  let path: string;
  try {
    path = machine.disk.resolve(file, process.currentDirectory);
    content = await machine.disk.readWhole(path);
  } catch (error) {
    await context.stderr.write(
      `The argument '${file}' to the -File parameter does not exist. Provide the path to an existing '.ps1' file as an argument to the -File parameter.\r\n${asWindowsError(error).message}\r\n`,
    );
    return -196608;
  }
  const at = machine.clock.now();
  machine.bus.emit({ kind: 'script-block', at, process, text: content.toString('utf8'), path });
  const script = knownScript(content);
  if (script === undefined) {
    await context.stderr.write(
      `${path} : this simulated host runs the scripts of the scenario library only; by its SHA-256 this is none of them.\r\n`,
    );
    return 1;
  }
  const values = bind(script, args);
  if (typeof values === 'string') {
    await context.stderr.write(`${path} : ${values}\r\n`);
    return 1;
  }
  const invoked: ScriptContext['invoked'] = (command, parameters) => {
    machine.bus.emit({ kind: 'module-logged', at: machine.clock.now(), process, command, parameters, path });
  };
  invoked('Set-StrictMode', { Version: '3.0' });
  const result = await performed(script, { ...context, invoked }, values);
  invoked('ConvertTo-Json', {
    InputObject: 'System.Collections.Specialized.OrderedDictionary',
    Compress: 'True',
  });
  const { exitCode, ...shown } = result;
  await context.stdout.write(`${JSON.stringify(shown)}\r\n`);
  return exitCode;
}

interface ScriptResult {
  readonly ok: boolean;
  readonly bytes: number;
  readonly files: number;
  readonly pid: number;
  readonly error: string | null;
  readonly exitCode: number;
}

/** The scripts' own result: one line of JSON, and exit code 0, 1 (failed) or 2 (no tracer). */
async function performed(
  script: StagedScript,
  context: Omit<ScriptContext, 'moved'>,
  values: Readonly<Record<string, string>>,
): Promise<ScriptResult> {
  const { pid } = context.process;
  const count = { bytes: 0, files: 0 };
  const moved: ScriptContext['moved'] = (bytes) => {
    count.bytes += bytes;
    count.files += 1;
  };
  try {
    await script.run({ ...context, moved }, values);
    return { ok: true, ...count, pid, error: null, exitCode: 0 };
  } catch (error) {
    const exitCode = error instanceof NotATracer ? 2 : 1;
    const note = error instanceof WindowsError && error.note !== undefined ? ` (${error.note})` : '';
    return { ok: false, ...count, pid, error: `${messageOf(error)}${note}`, exitCode };
  }
}
