import { baseName } from '../expectations.js';
import { dataCommands } from './data-commands.js';
import { logFtp, turnAway } from './log.js';
import type { FtpCommand } from './parse.js';
import { secretEquals } from './secret-equals.js';
import { securityCommands } from './security-commands.js';
import { transferCommands } from './transfer-commands.js';
import type { Answer, FtpSession, Handler } from './types.js';

const maxFailedLogins = 3;

function password(session: FtpSession, argument: string): Answer {
  const { options } = session.server;
  if (session.user === null) return [503, 'Send USER first'];
  const known = secretEquals(session.user, options.account.user);
  if (secretEquals(argument, options.account.password) && known) {
    session.loggedIn = true;
    logFtp(options, session, { action: 'login', command: 'PASS', code: 230 });
    return [230, 'Logged in; this server takes the tracers of one test run and nothing else'];
  }
  session.failedLogins += 1;
  const answer = turnAway(
    session,
    { action: 'login', command: 'PASS', code: 530 },
    `login as ${session.user}`,
    'User or password is wrong',
  );
  if (session.failedLogins < maxFailedLogins) return answer;
  session.end(421, 'Too many failed logins');
  return null;
}

/** RFC 3659 §2.3: YYYYMMDDHHMMSS in UTC. */
function timeVal(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
}

function isRoot(path: string): boolean {
  return ['', '/', '\\', '.', './', '..'].includes(path);
}

const stay: Handler = () => [250, 'The directory is /'];
const where: Handler = () => [257, '"/" is the directory'];
const changeDirectory: Handler = (session, argument) =>
  isRoot(argument) ? stay(session, argument) : [550, 'There is no directory but /'];

/** Facts of a file that a download expects (RFC 3659), else 550: nothing is stored here. */
function facts(
  session: FtpSession,
  argument: string,
  code: number,
  text: (size: number, time: string) => string | string[],
): Answer {
  const served = session.server.expected.find('download', argument);
  if (served === undefined) return [550, 'No such file'];
  return [code, text(served.size, timeVal(session.server.startedAt))];
}

const refused =
  (verb: string): Handler =>
  (session, argument) =>
    turnAway(
      session,
      { action: 'refuse', command: verb, code: 550 },
      `${verb} ${argument}`,
      'Permission denied: nothing is stored or changed here',
    );

/** Settings of which one value makes sense today. */
const setting =
  (name: string, kept: readonly string[]): Handler =>
  (_session, argument) =>
    kept.includes(argument.toUpperCase())
      ? [200, `${name} set to ${argument.toUpperCase()}`]
      : [504, `Only ${name} ${kept.join(', ')}`];

const securityFeatures = ['AUTH TLS', 'PBSZ', 'PROT'];
const features = ['EPRT', 'EPSV', 'MDTM', 'MLST Type*;Size*;Modify*;', 'SIZE', 'UTF8'];

const sessionCommands: Readonly<Record<string, Handler>> = {
  ...securityCommands,
  USER: (session, argument) => {
    session.user = argument.slice(0, 64);
    session.loggedIn = false;
    return [331, 'Password required'];
  },
  PASS: password,
  QUIT: (session) => {
    session.end(221, 'Goodbye');
    return null;
  },
  SYST: () => [215, 'UNIX Type: L8'],
  NOOP: () => [200, 'OK'],
  FEAT: ({ server }) => [
    211,
    ['Features:', ...(server.tls === null ? [] : securityFeatures), ...features, 'End'],
  ],
  OPTS: (_session, argument) =>
    /^UTF-?8( ON)?$/i.test(argument) ? [200, 'UTF8 is always on'] : [501, 'Only OPTS UTF8 ON'],
};

const changing = ['DELE', 'MKD', 'XMKD', 'RMD', 'XRMD', 'RNFR', 'RNTO', 'SITE', 'MFMT'];

const fileCommands: Readonly<Record<string, Handler>> = {
  // ASCII changes nothing here: the sink takes the bytes as they are on the wire, and the tracer's size shows a conversion.
  TYPE: setting('type', ['I', 'A', 'A N', 'L 8']),
  MODE: setting('mode', ['S']),
  STRU: setting('structure', ['F']),
  ALLO: () => [202, 'No storage allocation necessary'],
  // RFC 3659 §5: a restart at 0 is an ordinary start; nothing is kept that another offset could mean.
  REST: (_session, argument) =>
    argument === '0' ? [350, 'Restarting at 0'] : [/^\d+$/.test(argument) ? 504 : 501, 'Restart only at 0'],
  PWD: where,
  XPWD: where,
  CWD: changeDirectory,
  XCWD: changeDirectory,
  CDUP: stay,
  XCUP: stay,
  SIZE: (session, argument) => facts(session, argument, 213, (size) => String(size)),
  MDTM: (session, argument) => facts(session, argument, 213, (_size, time) => time),
  MLST: (session, argument) =>
    isRoot(argument)
      ? [250, ['Listing', 'Type=dir; /', 'End']]
      : facts(session, argument, 250, (size, time) => [
          'Listing',
          `Type=file;Size=${size};Modify=${time}; /${baseName(argument)}`,
          'End',
        ]),
  // The queue comes to ABOR only when the transfer that it ended has had its own reply (RFC 959 §4.1.3).
  ABOR: () => [226, 'Nothing is under way'],
  ...Object.fromEntries(changing.map((verb) => [verb, refused(verb)])),
};

const openCommands = new Map(Object.entries(sessionCommands));
const loginCommands = new Map(Object.entries({ ...fileCommands, ...dataCommands, ...transferCommands }));

/** Acts on one command. @returns the reply, or null where it has been sent already */
export function handle(session: FtpSession, command: FtpCommand | null): Answer | Promise<Answer> {
  if (command === null) return [500, 'Not understood'];
  const open = openCommands.get(command.verb);
  if (open !== undefined) return open(session, command.argument);
  const known = loginCommands.get(command.verb);
  if (known === undefined) return [502, 'Not implemented'];
  if (session.loggedIn) return known(session, command.argument);
  return turnAway(
    session,
    { action: 'refuse', command: command.verb, code: 530 },
    command.verb,
    'Log in first',
  );
}
