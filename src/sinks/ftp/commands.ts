import { baseName } from '../expectations.js';
import { secretEquals } from './secret-equals.js';
import { dataCommands } from './data-commands.js';
import { logFtp, turnAway } from './log.js';
import { transferCommands } from './transfer-commands.js';
import type { FtpCommand } from './parse.js';
import type { FtpSession } from './types.js';

/** Acts on a command and replies. */
export type Handler = (session: FtpSession, argument: string) => void | Promise<void>;

const maxFailedLogins = 3;

function password(session: FtpSession, argument: string): void {
  const { options } = session.server;
  if (session.user === null) return session.reply(503, 'Send USER first');
  const known = secretEquals(session.user, options.account.user);
  if (secretEquals(argument, options.account.password) && known) {
    session.loggedIn = true;
    logFtp(options, session, { action: 'login', command: 'PASS', code: 230 });
    return session.reply(230, 'Logged in; this server takes the tracers of one test run and nothing else');
  }
  session.failedLogins += 1;
  turnAway(
    session,
    { action: 'login', command: 'PASS', code: 530 },
    `login as ${session.user}`,
    'User or password is wrong',
  );
  if (session.failedLogins >= maxFailedLogins) session.end(421, 'Too many failed logins');
}

/** RFC 3659 §2.3: YYYYMMDDHHMMSS in UTC. */
function timeVal(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
}

function isRoot(path: string): boolean {
  return ['', '/', '\\', '.', './', '..'].includes(path);
}

function changeDirectory(session: FtpSession, argument: string): void {
  if (isRoot(argument)) session.reply(250, 'The directory is /');
  else session.reply(550, 'There is no directory but /');
}

/** Facts of a file that a download expects (RFC 3659), else 550: nothing is stored here. */
function facts(
  session: FtpSession,
  argument: string,
  code: number,
  text: (size: number, time: string) => string | string[],
): void {
  const served = session.server.expected.find('download', argument);
  if (served === undefined) session.reply(550, 'No such file');
  else session.reply(code, text(served.size, timeVal(session.server.startedAt)));
}

const refusedCommand =
  (verb: string): Handler =>
  (session, argument) => {
    turnAway(
      session,
      { action: 'refuse', command: verb, code: 550 },
      `${verb} ${argument}`,
      'Permission denied: nothing is stored or changed here',
    );
  };

const obsolete = (name: string, kept: readonly string[]): Handler => {
  return (session, argument) =>
    kept.includes(argument.toUpperCase())
      ? session.reply(200, `${name} set to ${argument.toUpperCase()}`)
      : session.reply(504, `Only ${name} ${kept.join(', ')}`);
};

const features = ['EPRT', 'EPSV', 'MDTM', 'MLST Type*;Size*;Modify*;', 'SIZE', 'UTF8'];

const sessionCommands: Readonly<Record<string, Handler>> = {
  USER: (session, argument) => {
    session.user = argument.slice(0, 64);
    session.loggedIn = false;
    session.reply(331, 'Password required');
  },
  PASS: password,
  QUIT: (session) => session.end(221, 'Goodbye'),
  SYST: (session) => session.reply(215, 'UNIX Type: L8'),
  NOOP: (session) => session.reply(200, 'OK'),
  FEAT: (session) => session.reply(211, ['Features:', ...features, 'End']),
  OPTS: (session, argument) =>
    /^UTF-?8( ON)?$/i.test(argument)
      ? session.reply(200, 'UTF8 is always on')
      : session.reply(501, 'Only OPTS UTF8 ON'),
};

const fileCommands: Readonly<Record<string, Handler>> = {
  // ASCII changes nothing here: the sink takes the bytes as they are on the wire, and the tracer's size shows a conversion.
  TYPE: obsolete('type', ['I', 'A', 'A N', 'L 8']),
  MODE: obsolete('mode', ['S']),
  STRU: obsolete('structure', ['F']),
  ALLO: (session) => session.reply(202, 'No storage allocation necessary'),
  // RFC 3659 §5: STREAM restart at 0 is an ordinary start; nothing is kept that another offset could mean.
  REST: (session, argument) =>
    argument === '0'
      ? session.reply(350, 'Restarting at 0')
      : session.reply(/^\d+$/.test(argument) ? 504 : 501, 'Restart only at 0'),
  PWD: (session) => session.reply(257, '"/" is the directory'),
  XPWD: (session) => session.reply(257, '"/" is the directory'),
  CWD: changeDirectory,
  XCWD: changeDirectory,
  CDUP: (session) => session.reply(250, 'The directory is /'),
  XCUP: (session) => session.reply(250, 'The directory is /'),
  SIZE: (session, argument) => facts(session, argument, 213, (size) => String(size)),
  MDTM: (session, argument) => facts(session, argument, 213, (_size, time) => time),
  MLST: (session, argument) =>
    isRoot(argument)
      ? session.reply(250, ['Listing', 'Type=dir; /', 'End'])
      : facts(session, argument, 250, (size, time) => [
          'Listing',
          `Type=file;Size=${size};Modify=${time}; /${baseName(argument)}`,
          'End',
        ]),
  // The queue answers ABOR only when the transfer it ended has had its own reply (RFC 959 §4.1.3).
  ABOR: (session) => session.reply(226, 'Nothing is under way'),
  ...Object.fromEntries(
    ['DELE', 'MKD', 'XMKD', 'RMD', 'XRMD', 'RNFR', 'RNTO', 'SITE', 'MFMT'].map((verb) => [
      verb,
      refusedCommand(verb),
    ]),
  ),
};

const openCommands = new Map(Object.entries(sessionCommands));
const loginCommands = new Map(Object.entries({ ...fileCommands, ...dataCommands, ...transferCommands }));

/** Acts on one command. */
export async function handle(session: FtpSession, command: FtpCommand | null): Promise<void> {
  if (command === null) return session.reply(500, 'Not understood');
  const open = openCommands.get(command.verb);
  if (open !== undefined) return open(session, command.argument);
  const known = loginCommands.get(command.verb);
  if (known === undefined) return session.reply(502, 'Not implemented');
  if (session.loggedIn) return known(session, command.argument);
  turnAway(session, { action: 'refuse', command: command.verb, code: 530 }, command.verb, 'Log in first');
}
