import { runPowerShell } from '../host/powershell/run.js';
import type { Program, ProgramContext } from '../host/types.js';
import { runScript } from './staged/run-script.js';

/** Switches that take no value, and those that take one; powershell.exe takes any beginning that is unambiguous. */
const flags = ['nologo', 'noprofile', 'noninteractive', 'noexit', 'sta', 'mta', 'nop', 'noni'];
const policies = ['executionpolicy', 'ep'];
const options = ['version', 'windowstyle', 'inputformat', 'outputformat'];

type Request = { readonly policy: string | null } & (
  | { readonly kind: 'file'; readonly path: string; readonly args: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bad'; readonly option: string }
);

function isBeginning(option: string, known: string, shortest: number): boolean {
  return option.length >= shortest && known.startsWith(option);
}

/** What powershell.exe's own arguments ask for (about_PowerShell_exe). */
function read(args: readonly string[]): Request {
  let policy: string | null = null;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? '';
    const rest = args.slice(at + 1);
    if (!/^[-/]/.test(argument)) return { policy, kind: 'text', text: args.slice(at).join(' ') };
    const option = argument.slice(1).toLowerCase();
    if (isBeginning(option, 'file', 1))
      return { policy, kind: 'file', path: rest[0] ?? '', args: rest.slice(1) };
    if (isBeginning(option, 'encodedcommand', 1) || option === 'ec') {
      return { policy, kind: 'text', text: Buffer.from(rest[0] ?? '', 'base64').toString('utf16le') };
    }
    if (isBeginning(option, 'command', 1)) return { policy, kind: 'text', text: rest.join(' ') };
    if (policies.some((known) => isBeginning(option, known, 2))) {
      policy = rest[0] ?? '';
      at += 1;
    } else if (options.some((known) => isBeginning(option, known, 2))) at += 1;
    else if (!flags.some((known) => isBeginning(option, known, 3)))
      return { policy, kind: 'bad', option: argument };
  }
  return { policy, kind: 'nothing' };
}

/** Reports the text of a command line as the engine compiles it (4104). */
function compiled({ machine, process }: ProgramContext, text: string): void {
  machine.bus.emit({ kind: 'script-block', at: machine.clock.now(), process, text, path: null });
}

/** Where the policy of a process is kept for those that it starts (about_Execution_Policies). */
const policyVariable = 'PSExecutionPolicyPreference';

/** Runs a script where the execution policy lets it; a client's default, Restricted, lets none. */
async function runAllowed(context: ProgramContext, path: string, args: readonly string[]): Promise<number> {
  const policy = context.environment.get(policyVariable) ?? 'Restricted';
  if (/^(?:bypass|unrestricted|remotesigned)$/i.test(policy)) return runScript(context, path, args);
  await context.stderr.write(
    `File ${path} cannot be loaded because running scripts is disabled on this system. For more information, see about_Execution_Policies at https:/go.microsoft.com/fwlink/?LinkID=135170.\r\n` +
      '    + CategoryInfo          : SecurityError: (:) [], ParentContainsErrorRecordException\r\n    + FullyQualifiedErrorId : UnauthorizedAccess\r\n',
  );
  return 1;
}

/** Windows PowerShell 5.1: staged scripts by `-File` or called from a command, and the little of the language that is needed. */
export const powershell: Program = {
  file: 'powershell.exe',
  folder: 'WindowsPowerShell\\v1.0',
  originalFileName: 'PowerShell.EXE',
  async run(context) {
    const request = read(context.args);
    const script = (path: string, args: readonly string[]): Promise<number> =>
      runAllowed(context, path, args);
    if (request.policy !== null) context.environment.set(policyVariable, request.policy);
    switch (request.kind) {
      case 'file':
        return script(request.path, request.args);
      case 'text':
        compiled(context, request.text);
        return runPowerShell(context, script, request.text);
      case 'nothing': {
        const text = (await context.stdin.readAll()).toString('utf8');
        return text.trim() === '' ? 0 : runPowerShell(context, script, text);
      }
      case 'bad':
        await context.stderr.write(`The argument '${request.option}' is not recognized.\r\n`);
        return 1;
    }
  },
};
