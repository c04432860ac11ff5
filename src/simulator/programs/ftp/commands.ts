import { win32 } from 'node:path';
import { messageOf } from '../../../core/index.js';
import type { ActiveFtp } from '../../clients/index.js';
import { reportCreated } from '../../host/files.js';
import type { ProgramContext } from '../../host/types.js';
import { hasWildcard, matchingFiles } from '../../host/wildcards.js';

/** The state of one ftp.exe. */
export interface FtpProgram {
  readonly context: ProgramContext;
  readonly client: ActiveFtp;
  readonly say: (text: string) => Promise<void>;
  /** The next line of the script, or of standard input; null at its end. Answers to questions come from there as well. */
  readonly nextLine: () => Promise<string | null>;
  /** Logs in as soon as it is connected; `-n` switches it off. */
  readonly logsIn: boolean;
  /** Asks before each file of mput; `-i` and `prompt` switch it off. */
  asks: boolean;
}

type Command = (program: FtpProgram, args: readonly string[]) => Promise<unknown>;

const user: Command = async ({ client, nextLine, say }, [name, given]) => {
  const reply = await client.command(`USER ${name ?? ''}`);
  if (reply.code !== 331) return;
  if (given === undefined) await say('Password: ');
  const password = given ?? (await nextLine()) ?? '';
  const { code } = await client.command(`PASS ${password}`);
  if (code >= 400) await say('Login failed.\r\n');
};

export const open: Command = async (program, [ip, port]) => {
  const { client, say, nextLine, logsIn } = program;
  try {
    await client.connect({ ip: ip ?? '', port: Number(port ?? 21) });
    await say(`Connected to ${ip ?? ''}.\r\n`);
    // Windows' client offers UTF-8 as soon as it is connected; servers may decline.
    await client.command('OPTS UTF8 ON');
  } catch (error) {
    await say(`> ftp: connect :${messageOf(error)}\r\n`);
    return;
  }
  if (!logsIn) return;
  await say(`User (${ip ?? ''}:(none)): `);
  await user(program, [(await nextLine()) ?? '']);
};

async function summary(say: FtpProgram['say'], verb: string, bytes: number, ms: number): Promise<void> {
  if (bytes === 0) return;
  const seconds = Math.max(ms, 10) / 1000;
  await say(
    `ftp: ${bytes} bytes ${verb} in ${seconds.toFixed(2)}Seconds ${(bytes / 1000 / seconds).toFixed(2)}Kbytes/sec.\r\n`,
  );
}

const store =
  (verb: 'STOR' | 'APPE'): Command =>
  async ({ context, client, say }, [local, remote]) => {
    const { machine, process } = context;
    const path = machine.disk.resolve(local ?? '', process.currentDirectory);
    const found = await machine.disk.find(path);
    if (found === null || found.directory) {
      await say(`${local ?? ''}: File not found\r\n`);
      return;
    }
    const started = machine.clock.now();
    const name = remote ?? win32.basename(path);
    const { bytes } = await client.transfer(verb, name, await machine.disk.locate(path));
    await summary(say, 'sent', bytes, machine.clock.now() - started);
  };

const put = store('STOR');

/** Each file of each pattern, with a question unless that is off. */
const mput: Command = async (program, patterns) => {
  const { context, say, nextLine } = program;
  const { machine, process } = context;
  for (const pattern of patterns) {
    const files = hasWildcard(pattern)
      ? await matchingFiles(machine.disk, pattern, process.currentDirectory)
      : [pattern];
    if (files.length === 0) await say(`${pattern}: File not found\r\n`);
    for (const file of files) {
      if (program.asks) {
        await say(`mput ${win32.basename(file)}? `);
        if (!/^\s*(y|$)/i.test((await nextLine()) ?? 'n')) continue;
      }
      await put(program, [file]);
    }
  }
};

const get: Command = async ({ context, client, say }, [remote, local]) => {
  const { machine, process } = context;
  const path = machine.disk.resolve(local ?? remote ?? '', process.currentDirectory);
  const isNew = (await machine.disk.find(path)) === null;
  await machine.disk.write(path, '');
  if (isNew) reportCreated(context, path);
  const started = machine.clock.now();
  const { bytes } = await client.transfer('RETR', remote ?? '', await machine.disk.locate(path));
  await summary(say, 'received', bytes, machine.clock.now() - started);
};

const prompt: Command = (program) => {
  program.asks = !program.asks;
  return program.say(`Interactive mode ${program.asks ? 'On' : 'Off'} .\r\n`);
};

const quote: Command = ({ client }, words) => client.command(words.join(' '));

/** Commands of Windows' ftp.exe (Microsoft Learn, "ftp"); there is none for passive mode, nor for unique names. */
export const commands: Readonly<Record<string, Command>> = {
  open,
  user,
  binary: ({ client }) => client.command('TYPE I'),
  ascii: ({ client }) => client.command('TYPE A'),
  cd: ({ client }, [folder]) => client.command(`CWD ${folder ?? ''}`),
  pwd: ({ client }) => client.command('XPWD'),
  put,
  send: put,
  append: store('APPE'),
  mput,
  get,
  recv: get,
  prompt,
  quote,
  literal: quote,
};

/** Those that need no connection. */
export const offline: readonly string[] = ['open', 'prompt'];
