import { isIP } from 'node:net';
import { messageOf, type Endpoint } from '../../core/index.js';
import { activeChannel, passiveChannel } from './data-channel.js';
import { turnAway } from './log.js';
import { formatHostPort, parseExtendedHostPort, parseHostPort } from './parse.js';
import type { Answer, FtpSession, Handler } from './types.js';

/** How long either side may take to open the data connection, in milliseconds at most. */
const maxOpeningMs = 15_000;

function openingMs(session: FtpSession): number {
  return Math.min(maxOpeningMs, session.server.options.limits.idleTimeoutMs);
}

async function passive(session: FtpSession, announce: (port: number) => Answer): Promise<Answer> {
  session.channel?.close();
  session.channel = null;
  const { server, client, local } = session;
  try {
    const channel = await passiveChannel({
      address: local.ip,
      ports: server.options.passivePorts,
      client: client.ip,
      timeoutMs: openingMs(session),
      onStranger: (from) =>
        server.refuse(from, 'data connection', `the data connection belongs to ${client.ip}`),
    });
    session.channel = channel;
    return announce(channel.port);
  } catch (error) {
    return [425, messageOf(error)];
  }
}

function active(session: FtpSession, command: string, target: Endpoint): Answer {
  session.channel?.close();
  session.channel = null;
  // RFC 2577 §3: a port of a third machine, or a well-known one, is a bounce attack.
  if (target.ip !== session.client.ip || target.port < 1024) {
    return turnAway(
      session,
      { action: 'refuse', command, code: 504 },
      `${command} ${target.ip}:${target.port}`,
      "Only to the client's own address, and to a port above 1023",
    );
  }
  session.channel = activeChannel({ address: session.local.ip, target, timeoutMs: openingMs(session) });
  return [200, `${command} understood`];
}

/** RFC 2428 §4: after EPSV ALL, nothing else may set up a data connection. */
const unlessEpsvOnly =
  (handler: Handler): Handler =>
  (session, argument) =>
    session.epsvOnly ? [503, 'EPSV ALL was agreed'] : handler(session, argument);

/** PASV, EPSV, PORT, EPRT: how the data connection comes about. */
export const dataCommands: Readonly<Record<string, Handler>> = {
  PASV: unlessEpsvOnly((session) => {
    const { ip } = session.local;
    if (isIP(ip) !== 4) return [425, 'PASV is for IPv4; use EPSV'];
    return passive(session, (port) => [227, `Entering Passive Mode (${formatHostPort({ ip, port })})`]);
  }),
  EPSV: (session, argument) => {
    if (argument.toUpperCase() === 'ALL') {
      session.epsvOnly = true;
      return [200, 'EPSV ALL'];
    }
    const own = isIP(session.local.ip) === 6 ? '2' : '1';
    if (argument !== '' && argument !== own) return [522, `Network protocol not supported, use (${own})`];
    return passive(session, (port) => [229, `Entering Extended Passive Mode (|||${port}|)`]);
  },
  PORT: unlessEpsvOnly((session, argument) => {
    const target = parseHostPort(argument);
    return target === null ? [501, 'Expected h1,h2,h3,h4,p1,p2'] : active(session, 'PORT', target);
  }),
  EPRT: unlessEpsvOnly((session, argument) => {
    const target = parseExtendedHostPort(argument);
    if (target === 'unsupported') return [522, 'Network protocol not supported, use (1,2)'];
    return target === null ? [501, 'Expected |1|address|port|'] : active(session, 'EPRT', target);
  }),
};
