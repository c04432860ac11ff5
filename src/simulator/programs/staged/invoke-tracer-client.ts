import { nativeCommandLine } from '../../host/powershell/words.js';
import { bufferOutput } from '../../host/streams.js';
import {
  mandatory,
  NotATracer,
  pauseParameter,
  type ScriptContext,
  type StagedScript,
} from './script-types.js';
import { pauseBefore, tracersOf } from './tracer-file.js';

/** A child by the call operator, its output kept; standard error goes on. */
async function call(
  context: ScriptContext,
  program: string,
  args: readonly string[],
): Promise<{ readonly exitCode: number; readonly output: readonly string[] }> {
  const { machine, process, environment, logon, stdin, stderr } = context;
  const image = await machine.findProgram(program, process.currentDirectory, environment);
  if (image === null)
    throw new Error(
      `The term '${program}' is not recognized as the name of a cmdlet, function, script file, or operable program.`,
    );
  const stdout = bufferOutput();
  const child = await machine.launch({
    parent: process,
    image,
    commandLine: nativeCommandLine(
      image,
      args.map((text) => ({ text, quoted: false })),
    ),
    directory: process.currentDirectory,
    environment,
    logon,
    stdin,
    stdout,
    stderr,
  });
  const exitCode = await child.ended;
  const lines = stdout.content().toString('utf8').split(/\r?\n/);
  return { exitCode, output: lines.filter((line) => line !== '') };
}

/** Whether a command file for ftp.exe sends what was checked and nothing else; it may wait by ping.exe. */
async function putsOnly(
  { machine, process }: ScriptContext,
  file: string,
  checked: readonly string[],
): Promise<boolean> {
  const content = await machine.disk.readWhole(machine.disk.resolve(file, process.currentDirectory));
  const others = content
    .toString('utf8')
    .split(/\r?\n/)
    .filter(
      (line) => !/^\s*((open|user)\s.*|binary|prompt|quit|!ping\.exe -n \d+ 127\.0\.0\.1)?\s*$/i.test(line),
    );
  const put = /^\s*(?:m?put|append)\s+(?:"([^"]+)"|(\S+))(?:\s+\S+)?\s*$/i;
  const paths = others.map((line) => {
    const [, quoted, bare] = put.exec(line) ?? [];
    return quoted ?? bare ?? '';
  });
  const known = checked.map((path) => path.toLowerCase());
  return paths.length > 0 && paths.every((one) => known.includes(one.toLowerCase()));
}

/** Invoke-TracerClient.ps1: ftp.exe, tftp.exe or curl.exe as a child of powershell.exe. */
export const invokeTracerClient: StagedScript<
  | 'Path'
  | 'Client'
  | 'CommandFile'
  | 'Server'
  | 'RemoteName'
  | 'Uri'
  | 'User'
  | 'Password'
  | 'PauseMilliseconds'
> = {
  parameters: {
    Path: mandatory,
    Client: { fallback: null, valid: /^(?:ftp|tftp|curl)$/i },
    CommandFile: { fallback: '' },
    Server: { fallback: '' },
    RemoteName: { fallback: '' },
    Uri: { fallback: '' },
    User: { fallback: '' },
    Password: { fallback: '' },
    PauseMilliseconds: pauseParameter,
  },
  async run(context, values) {
    const { Path, CommandFile, Server, RemoteName, Uri, User, Password } = values;
    const tracers = await tracersOf(context, Path);
    const client = values.Client.toLowerCase() as 'ftp' | 'tftp' | 'curl';
    if ({ ftp: CommandFile, tftp: Server, curl: Uri }[client] === '')
      throw new Error(`${values.Client} needs -CommandFile (ftp), -Server (tftp) or -Uri (curl)`);
    if (tracers.length > 1 && (RemoteName !== '' || (client === 'curl' && !Uri.endsWith('/'))))
      throw new Error(
        'several tracers go under their own names: leave -RemoteName out, and let the Uri end with a slash',
      );
    if (client === 'ftp') {
      if (!(await putsOnly(context, CommandFile, [Path, ...tracers.map(({ path }) => path)])))
        throw new NotATracer(`${CommandFile} does not put ${Path} alone: refused`);
      const { output } = await call(context, 'ftp.exe', ['-n', `-s:${CommandFile}`]);
      const done = output.filter((line) => line.startsWith('226')).length;
      if (done < tracers.length)
        throw new Error(
          `ftp.exe: ${done} of ${tracers.length} transfers were confirmed by 226: ${output.join(' | ')}`,
        );
    }
    for (const [index, { path, name, size }] of tracers.entries()) {
      if (client !== 'ftp') await pauseBefore(context, index, values.PauseMilliseconds);
      const given = tracers.length === 1 ? Path : path;
      if (client === 'tftp') {
        const remote = RemoteName === '' ? name : RemoteName;
        const { exitCode, output } = await call(context, 'tftp.exe', ['-i', Server, 'PUT', given, remote]);
        if (exitCode !== 0) throw new Error(`tftp.exe ended with ${exitCode}: ${output.join(' | ')}`);
      }
      if (client === 'curl') {
        const login = User === '' ? [] : ['--user', `${User}:${Password}`];
        const args = ['--silent', '--show-error', ...login, '--upload-file', given, Uri];
        const { exitCode } = await call(context, 'curl.exe', args);
        if (exitCode !== 0) throw new Error(`curl.exe ended with ${exitCode}`);
      }
      context.moved(size);
    }
  },
};
