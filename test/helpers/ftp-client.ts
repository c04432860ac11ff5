import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';

/** A bare FTP control connection, for what real clients never send. */
export interface RawFtp {
  readonly socket: Socket;
  /** Sends a command and waits for one reply. */
  command(line: string): Promise<string>;
  /** The next reply (the last line of a multi-line one holds it all). */
  reply(): Promise<string>;
  /** Resolves when the connection has gone. */
  readonly closed: Promise<void>;
}

function speak(socket: Socket): RawFtp {
  const replies: string[] = [];
  const waiting: ((reply: string) => void)[] = [];
  let text = '';
  socket.setEncoding('utf8');
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const wake of waiting.splice(0)) wake('closed');
      resolve();
    });
  });
  socket.on('error', () => undefined);
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (;;) {
      const match = /^(?:\d{3}-[\s\S]*?\r\n)?\d{3} [^\r\n]*\r\n/.exec(text);
      if (match === null) return;
      text = text.slice(match[0].length);
      const wake = waiting.shift();
      if (wake === undefined) replies.push(match[0].trim());
      else wake(match[0].trim());
    }
  });
  const reply = () => {
    const ready = replies.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (socket.destroyed) return Promise.resolve('closed');
    return new Promise<string>((resolve) => waiting.push(resolve));
  };
  return {
    socket,
    closed,
    reply,
    command: (line) => {
      socket.write(`${line}\r\n`);
      return reply();
    },
  };
}

/** Connects and waits for the greeting. */
export async function rawFtp(at: { ip: string; port: number }, localAddress = '127.0.1.1'): Promise<RawFtp> {
  const client = speak(connect({ host: at.ip, port: at.port, localAddress }));
  await client.reply();
  return client;
}

/** AUTH TLS, and the session that goes on over it; whatever certificate is shown is taken. */
export async function secureFtp(client: RawFtp): Promise<RawFtp> {
  const reply = await client.command('AUTH TLS');
  if (!reply.startsWith('234')) throw new Error(reply);
  client.socket.removeAllListeners('data');
  const stream = connectTls({ socket: client.socket, rejectUnauthorized: false });
  await once(stream, 'secureConnect');
  return speak(stream);
}

/** Logs in over TLS, with encrypted data connections or without. */
export async function loggedInFtps(
  at: { ip: string; port: number },
  account: { user: string; password: string },
  protection: 'P' | 'C',
): Promise<RawFtp> {
  const client = await secureFtp(await rawFtp(at));
  for (const command of [
    `USER ${account.user}`,
    `PASS ${account.password}`,
    'PBSZ 0',
    `PROT ${protection}`,
    'TYPE I',
  ])
    await client.command(command);
  return client;
}

/** Connects and logs in. */
export async function loggedInFtp(
  at: { ip: string; port: number },
  account: { user: string; password: string },
  localAddress?: string,
): Promise<RawFtp> {
  const client = await rawFtp(at, localAddress);
  await client.command(`USER ${account.user}`);
  await client.command(`PASS ${account.password}`);
  await client.command('TYPE I');
  return client;
}

/** The port that a 227 or 229 reply announces. */
export function announcedPort(reply: string): number {
  const passive = /\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)/.exec(reply);
  if (passive !== null) return Number(passive[5]) * 256 + Number(passive[6]);
  return Number(/\(\|\|\|(\d+)\|\)/.exec(reply)?.[1]);
}
