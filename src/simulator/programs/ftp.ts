import { win32 } from 'node:path';
import { messageOf } from '../../core/index.js';
import { activeFtp, type ActiveFtp } from '../clients/index.js';
import { reportCreated } from '../host/files.js';
import type { Program, ProgramContext } from '../host/types.js';

interface Session {
  readonly context: ProgramContext;
  readonly client: ActiveFtp;
  readonly say: (text: string) => Promise<void>;
}

/** Words of a command of ftp.exe; quotes hold white space together. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

async function open({ client, say }: Session, [ip, port]: readonly string[]): Promise<void> {
  try {
    await client.connect({ ip: ip ?? '', port: Number(port ?? 21) });
    await say(`Connected to ${ip ?? ''}.\r\n`);
    // Windows' client offers UTF-8 as soon as it is connected; servers may decline.
    await client.command('OPTS UTF8 ON');
  } catch (error) {
    await say(`> ftp: connect :${messageOf(error)}\r\n`);
  }
}

async function user({ client }: Session, [name, password]: readonly string[]): Promise<void> {
  const reply = await client.command(`USER ${name ?? ''}`);
  if (reply.code === 331 && password !== undefined) await client.command(`PASS ${password}`);
}

async function put({ context, client, say }: Session, [local, remote]: readonly string[]): Promise<void> {
  const { machine, process } = context;
  const path = machine.disk.resolve(local ?? '', process.currentDirectory);
  const found = await machine.disk.find(path);
  if (found === null || found.directory) {
    await say(`${local ?? ''}: File not found\r\n`);
    return;
  }
  const started = machine.clock.now();
  const { bytes } = await client.transfer(
    'STOR',
    remote ?? win32.basename(path),
    await machine.disk.locate(path),
  );
  await summary(say, 'sent', bytes, machine.clock.now() - started);
}

async function get({ context, client, say }: Session, [remote, local]: readonly string[]): Promise<void> {
  const { machine, process } = context;
  const path = machine.disk.resolve(local ?? remote ?? '', process.currentDirectory);
  const isNew = (await machine.disk.find(path)) === null;
  await machine.disk.write(path, '');
  if (isNew) reportCreated(context, path);
  const started = machine.clock.now();
  const { bytes } = await client.transfer('RETR', remote ?? '', await machine.disk.locate(path));
  await summary(say, 'received', bytes, machine.clock.now() - started);
}

async function summary(say: Session['say'], verb: string, bytes: number, ms: number): Promise<void> {
  if (bytes === 0) return;
  const seconds = Math.max(ms, 10) / 1000;
  await say(
    `ftp: ${bytes} bytes ${verb} in ${seconds.toFixed(2)}Seconds ${(bytes / 1000 / seconds).toFixed(2)}Kbytes/sec.\r\n`,
  );
}

const commands: Readonly<Record<string, (session: Session, args: readonly string[]) => Promise<unknown>>> = {
  open,
  user,
  binary: ({ client }) => client.command('TYPE I'),
  ascii: ({ client }) => client.command('TYPE A'),
  put,
  send: put,
  get,
  recv: get,
};

/** @returns whether the session goes on */
async function runCommand(session: Session, line: string): Promise<boolean> {
  const [command = '', ...args] = words(line);
  const { client, say } = session;
  if (/^(quit|bye)$/i.test(command)) {
    if (client.connected) await client.command('QUIT').catch(() => undefined);
    return false;
  }
  const known = commands[command.toLowerCase()];
  if (known === undefined) {
    await say('Invalid command.\r\n');
    return true;
  }
  if (known !== open && !client.connected) {
    await say('Not connected.\r\n');
    return true;
  }
  try {
    await known(session, args);
  } catch (error) {
    await say(`${messageOf(error)}\r\n`);
  }
  return true;
}

/** Windows' ftp.exe: active mode only (PORT), and exit code 0 whatever happened. */
export const ftp: Program = {
  file: 'ftp.exe',
  originalFileName: 'ftp.exe',
  async run(context) {
    const { machine, process, args, stdout, stdin, signal } = context;
    const say = (text: string): Promise<void> => stdout.write(text);
    const client = activeFtp(machine, process, signal, (reply) => say(`${reply.code} ${reply.text}\r\n`));
    const script = args.find((arg) => /^-s:/i.test(arg))?.slice(3);
    const session: Session = { context, client, say };
    try {
      const host = args.find((arg) => !arg.startsWith('-'));
      if (host !== undefined) await open(session, [host]);
      if (script !== undefined) {
        const text = await machine.disk.readWhole(machine.disk.resolve(script, process.currentDirectory));
        for (const line of text.toString('utf8').split(/\r?\n/)) {
          if (line.trim() === '') continue;
          await say(`ftp> ${line}\r\n`);
          if (signal.aborted || !(await runCommand(session, line))) break;
        }
        return 0;
      }
      for (let line = await stdin.readLine(); line !== null; line = await stdin.readLine()) {
        if (signal.aborted || !(await runCommand(session, line))) break;
      }
    } catch (error) {
      await say(`Error opening script file ${script ?? ''}.\r\n${messageOf(error)}\r\n`);
    } finally {
      client.close();
    }
    return 0;
  },
};
