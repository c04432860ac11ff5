import { messageOf } from '../../../core/index.js';
import type { ProgramContext } from '../../host/types.js';
import { WindowsError, asWindowsError } from '../../host/windows-error.js';
import { NotATracer, type ScriptContext, type StagedScript } from './script-types.js';
import { knownScript } from './scripts.js';

/** Binds `-Name value` (names may be cut short, case does not matter) and what stands without a name, in the order of `param`. */
function bind(script: StagedScript, args: readonly string[]): Record<string, string> | string {
  const values: Record<string, string> = {};
  const positional: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [, wanted] = /^-([A-Za-z]\w*):?$/.exec(args[at] ?? '') ?? [];
    if (wanted === undefined) {
      positional.push(args[at] ?? '');
      continue;
    }
    const name = script.parameters.find((known) => known.toLowerCase().startsWith(wanted.toLowerCase()));
    if (name === undefined) return `A parameter cannot be found that matches parameter name '${wanted}'.`;
    at += 1;
    const value = args[at];
    if (value === undefined) return `Missing an argument for parameter '${name}'.`;
    values[name] = value;
  }
  for (const name of script.parameters) if (!(name in values)) values[name] = positional.shift() ?? '';
  const missing = script.parameters.filter((name) => values[name] === '');
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

/** The scripts' own result: one line of JSON, and exit code 0, 1 (failed) or 2 (no tracer). */
async function performed(
  script: StagedScript,
  context: ScriptContext,
  values: Readonly<Record<string, string>>,
): Promise<{ ok: boolean; bytes: number; pid: number; error: string | null; exitCode: number }> {
  const { pid } = context.process;
  try {
    const bytes = await script.run(context, values);
    return { ok: true, bytes, pid, error: null, exitCode: 0 };
  } catch (error) {
    const exitCode = error instanceof NotATracer ? 2 : 1;
    const note = error instanceof WindowsError && error.note !== undefined ? ` (${error.note})` : '';
    return { ok: false, bytes: 0, pid, error: `${messageOf(error)}${note}`, exitCode };
  }
}
