import { messageOf } from '../../core/index.js';
import { activeFtp } from '../clients/index.js';
import type { Program, ProgramContext } from '../host/types.js';
import { commands, offline, open, type FtpProgram } from './ftp/commands.js';

/** Words of a command of ftp.exe; quotes hold white space together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** `!command`: a child cmd.exe. */
async function shellEscape(context: ProgramContext, command: string): Promise<void> {
  const { machine, process, environment, stdin, stdout, stderr, logon } = context;
  const image = await machine.findProgram('cmd.exe', process.currentDirectory, environment);
  if (image === null || command === '') return;
  const child = await machine.launch({
    parent: process,
    image,
    commandLine: `${image} /c ${command}`,
    directory: process.currentDirectory,
    environment,
    logon,
    stdin,
    stdout,
    stderr,
  });
  await child.ended;
}

/** @returns whether the session goes on */
async function runCommand(program: FtpProgram, line: string): Promise<boolean> {
  if (line.startsWith('!')) {
    await shellEscape(program.context, line.slice(1).trim());
    return true;
  }
  const [command = '', ...args] = words(line);
  const { client, say } = program;
  if (/^(quit|bye)$/i.test(command)) {
    if (client.connected) await client.command('QUIT').catch(() => undefined);
    return false;
  }
  const known = commands[command.toLowerCase()];
  if (known === undefined) {
    await say('Invalid command.\r\n');
    return true;
  }
  if (!offline.includes(command.toLowerCase()) && !client.connected) {
    await say('Not connected.\r\n');
    return true;
  }
  try {
    await known(program, args);
  } catch (error) {
    await say(`${messageOf(error)}\r\n`);
  }
  return true;
}

/** Lines of `-s:file`, shown as they are read, or of standard input. @throws WindowsError where there is no such file */
async function lineReader(
  { machine, process, stdin }: ProgramContext,
  script: string | undefined,
  say: FtpProgram['say'],
): Promise<FtpProgram['nextLine']> {
  if (script === undefined) return () => stdin.readLine();
  const text = await machine.disk.readWhole(machine.disk.resolve(script, process.currentDirectory));
  const lines = text.toString('utf8').split(/\r?\n/);
  return async () => {
    const line = lines.shift();
    if (line === undefined) return null;
    if (line !== '') await say(`ftp> ${line}\r\n`);
    return line;
  };
}

/** Windows' ftp.exe: active mode only (PORT), and exit code 0 whatever happened. */
export const ftp: Program = {
  file: 'ftp.exe',
  originalFileName: 'ftp.exe',
  async run(context) {
    const { machine, process, args, stdout, signal } = context;
    const say = (text: string): Promise<void> => stdout.write(text);
    const has = (flag: string): boolean => args.some((arg) => arg.toLowerCase() === flag);
    const client = activeFtp(machine, process, signal, (reply) => say(`${reply.code} ${reply.text}\r\n`));
    const script = args.find((arg) => /^-s:/i.test(arg))?.slice(3);
    try {
      const nextLine = await lineReader(context, script, say);
      const program: FtpProgram = { context, client, say, nextLine, logsIn: !has('-n'), asks: !has('-i') };
      const host = args.find((arg) => !arg.startsWith('-'));
      if (host !== undefined) await open(program, [host]);
      for (let line = await nextLine(); line !== null; line = await nextLine()) {
        if (signal.aborted) break;
        if (line.trim() !== '' && !(await runCommand(program, line))) break;
      }
    } catch (error) {
      await say(`Error opening script file ${script ?? ''}.\r\n${messageOf(error)}\r\n`);
    } finally {
      client.close();
    }
    return 0;
  },
};
