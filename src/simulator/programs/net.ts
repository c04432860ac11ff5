import { Secret } from '../../core/index.js';
import { parseUnc, shareOf } from '../clients/index.js';
import type { Program, ProgramContext } from '../host/types.js';
import { WindowsError, asWindowsError } from '../host/windows-error.js';

const completed = 'The command completed successfully.\r\n\r\n';

/** net.exe's words for an error; the number is the Win32 code. */
async function failed(context: ProgramContext, error: unknown): Promise<number> {
  const { code, message, note } = asWindowsError(error);
  const reason = note === undefined ? '' : `${note}\r\n`;
  await context.stderr.write(`System error ${code} has occurred.\r\n\r\n${message}\r\n${reason}\r\n`);
  return 2;
}

async function listed({ machine, logon, stdout }: ProgramContext): Promise<number> {
  const shares = machine.redirector.connections(logon);
  await stdout.write(
    shares.length === 0
      ? 'New connections will be remembered.\r\n\r\nThere are no entries in the list.\r\n\r\n'
      : `New connections will be remembered.\r\n\r\n${shares.map((share) => `OK           ${share}\r\n`).join('')}${completed}`,
  );
  return 0;
}

/** `net use \\server\share [password | *] [/user:name] [/TCPPORT:n]`, and `/delete`. */
async function use(context: ProgramContext, args: readonly string[]): Promise<number> {
  const { machine, logon, stdin, stdout } = context;
  const words = args.filter((arg) => arg !== '' && !arg.startsWith('/'));
  const option = (name: string): string | undefined =>
    args
      .find((arg) => arg.toLowerCase().startsWith(`/${name}`))
      ?.slice(name.length + 1)
      .replace(/^:/, '');
  const [share, given] = words;
  if (share === undefined) return listed(context);
  try {
    const unc = parseUnc(share);
    if (unc === null) throw new WindowsError(67);
    if (option('d') !== undefined) {
      await machine.redirector.disconnect(logon, unc);
      await stdout.write(`${shareOf(unc)} was deleted successfully.\r\n\r\n`);
      return 0;
    }
    const user = option('user') ?? machine.name;
    if (given === '*') await stdout.write(`Type the password for ${shareOf(unc)}: `);
    const password = new Secret((given === '*' ? await stdin.readLine() : given) ?? '');
    if (given === '*') await stdout.write('\r\n');
    const port = Number(option('tcpport') ?? '');
    const isPort = Number.isInteger(port) && port > 0 && port < 65536;
    await machine.redirector.connect(logon, unc, { user, password, ...(isPort ? { port } : {}) });
    await stdout.write(completed);
    return 0;
  } catch (error) {
    return failed(context, error);
  }
}

/** net.exe, as far as `net use` goes. */
export const net: Program = {
  file: 'net.exe',
  originalFileName: 'net.exe',
  async run(context) {
    const [verb, ...args] = context.args;
    if (/^use$/i.test(verb ?? '')) return use(context, args);
    await context.stderr.write('The syntax of this command is:\r\n\r\nNET [ USE ]\r\n');
    return 1;
  },
};
