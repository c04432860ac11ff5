import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Secret } from '../../../core/index.js';
import type { SimulatedProcess } from '../../activity.js';
import { WindowsError } from '../../host/windows-error.js';
import type { ClientHost } from '../meter.js';
import { smbSession, type SmbSession } from './session.js';
import { shareOf, type Unc } from './unc.js';

export interface ShareCredentials {
  readonly user: string;
  readonly password: Secret;
  /** `/TCPPORT:n`; absent: the port that the services file names. */
  readonly port?: number;
}

/**
 * Windows' SMB redirector: it keeps credentials per logon session and share, one connection per server, share and user, and uses it
 * again while it lives (trap 13). Its sockets belong to System.
 */
export interface Redirector {
  /** `net use`: connects at once. @throws WindowsError */
  connect(logon: string, share: Unc, credentials: ShareCredentials): Promise<void>;
  /** `net use /delete`. @throws WindowsError 2250 where there is none */
  disconnect(logon: string, share: Unc): Promise<void>;
  /** Shares that a logon session has connected. */
  connections(logon: string): readonly string[];
  /** Writes a file of the control host to the share; `signal` breaks it off. @throws WindowsError */
  put(logon: string, to: Unc, file: string, signal: AbortSignal): Promise<void>;
  /** Reads a file of the share into one of the control host. @throws WindowsError */
  get(logon: string, from: Unc, file: string, signal: AbortSignal): Promise<void>;
  /** Forgets what a logon session had. */
  endLogon(logon: string): Promise<void>;
  stop(): Promise<void>;
}

interface Connection {
  readonly logon: string;
  readonly share: Unc;
  readonly credentials: ShareCredentials;
  session: SmbSession | null;
}

const remedy = 'smbclient is not installed: apt-get install smbclient';

export function redirector(
  host: ClientHost,
  options: {
    readonly smbclient: string | null;
    readonly port: number;
    readonly system: SimulatedProcess;
    readonly directory: string;
  },
): Redirector {
  const connections = new Map<string, Connection>();
  const key = (logon: string, share: Unc): string => `${logon} ${shareOf(share).toLowerCase()}`;

  async function open({ share, credentials }: Connection): Promise<SmbSession> {
    // AllowInsecureGuestAuth is off since Windows 10 1709.
    if (/^(?:guest)?$/i.test(credentials.user)) throw new WindowsError(1272);
    if (options.smbclient === null) throw new WindowsError(53, remedy);
    // Names are resolved before a plan is made; what is no address is nothing that this host can find.
    if (isIP(share.server) === 0) throw new WindowsError(53);
    if (/["\n%]/.test(`${share.share}${credentials.user}`)) throw new WindowsError(67);
    return smbSession(host, {
      smbclient: options.smbclient,
      remote: { ip: share.server, port: credentials.port ?? options.port },
      share: share.share,
      user: credentials.user,
      password: credentials.password,
      system: options.system,
      directory: options.directory,
    });
  }
  async function live(connection: Connection): Promise<SmbSession> {
    if (connection.session?.alive === true) return connection.session;
    const ended = connection.session;
    connection.session = null;
    await ended?.close();
    connection.session = await open(connection);
    return connection.session;
  }
  /** Does it over the connection that is there; where the server has just closed that, over a new one. */
  async function over(
    logon: string,
    share: Unc,
    signal: AbortSignal,
    work: (session: SmbSession) => Promise<void>,
  ): Promise<SmbSession> {
    if (options.smbclient === null) throw new WindowsError(53, remedy);
    const connection = connections.get(key(logon, share));
    // A network logon has no credentials to pass on, and guest access is off by default: "double hop".
    if (connection === undefined) throw new WindowsError(5);
    const attempt = async (): Promise<SmbSession> => {
      const session = await live(connection);
      const breakOff = (): void => session.breakOff();
      if (signal.aborted) throw new WindowsError(64);
      signal.addEventListener('abort', breakOff, { once: true });
      try {
        await work(session);
        return session;
      } finally {
        signal.removeEventListener('abort', breakOff);
      }
    };
    const before = connection.session;
    try {
      return await attempt();
    } catch (error) {
      if (before === null || before !== connection.session || before.alive || signal.aborted) throw error;
      return attempt();
    }
  }
  function report(
    session: SmbSession,
    unc: Unc,
    action: 'write' | 'read',
    bytes: number,
    openedAt: number,
  ): void {
    const { socket, encrypted } = session;
    const file = { kind: 'smb-file', socket, encrypted, share: shareOf(unc), fileName: unc.path } as const;
    host.bus.emit({ ...file, at: openedAt, action: 'open', bytes: 0 });
    host.bus.emit({ ...file, at: host.clock.now(), action, bytes });
  }
  async function drop(entry: string, connection: Connection): Promise<void> {
    connections.delete(entry);
    await connection.session?.close();
  }

  return {
    async connect(logon, share, credentials) {
      const connection: Connection = { logon, share, credentials, session: null };
      await connections.get(key(logon, share))?.session?.close();
      connection.session = await open(connection);
      connections.set(key(logon, share), connection);
    },
    async disconnect(logon, share) {
      const entry = key(logon, share);
      const connection = connections.get(entry);
      if (connection === undefined) throw new WindowsError(2250);
      await drop(entry, connection);
    },
    connections: (logon) =>
      [...connections.values()].filter((one) => one.logon === logon).map((one) => shareOf(one.share)),
    async put(logon, to, file, signal) {
      const at = host.clock.now();
      const session = await over(logon, to, signal, (one) => one.put(file, to.path));
      report(session, to, 'write', (await stat(file)).size, at);
    },
    async get(logon, from, file, signal) {
      const at = host.clock.now();
      const session = await over(logon, from, signal, (one) => one.get(from.path, file));
      report(session, from, 'read', (await stat(file)).size, at);
    },
    async endLogon(logon) {
      await Promise.all(
        [...connections].filter(([, one]) => one.logon === logon).map(([entry, one]) => drop(entry, one)),
      );
    },
    async stop() {
      await Promise.all([...connections].map(([entry, one]) => drop(entry, one)));
    },
  };
}
