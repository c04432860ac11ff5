import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  FtpFailure,
  activeFtp,
  ftpManners,
  passiveFtp,
  type FtpManner,
} from '../../../../src/simulator/clients/index.js';
import { clientHost, only, owner } from './host.js';

const address = '127.0.1.62';
const serverAddress = '127.0.2.62';
const never = new AbortController().signal;

/** A scripted FTP server: refuses the commands that it is told to, notes what it hears and what the data connection carried. */
interface Peer {
  readonly port: number;
  readonly commands: string[];
  readonly uploads: Buffer[];
  readonly peers: { control: string; data: string }[];
}

let servers: Server[];
let directory: string;
let file: string;
beforeEach(async () => {
  servers = [];
  directory = await mkdtemp(join(tmpdir(), 'ftp-clients-'));
  file = join(directory, 'file');
  await writeFile(file, Buffer.alloc(70_000, 1));
});
afterEach(async () => {
  for (const server of servers) server.close();
  await rm(directory, { recursive: true, force: true });
});

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server = createServer(onSocket);
  servers.push(server);
  server.listen(0, serverAddress);
  await once(server, 'listening');
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
}

const place = (socket: Socket): string => `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;

async function peer(
  refused: Readonly<Record<string, string>> = {},
  passiveHost = serverAddress,
): Promise<Peer> {
  const seen: Omit<Peer, 'port'> = { commands: [], uploads: [], peers: [] };
  const port = await listen((control) => {
    const say = (line: string): boolean => control.write(`${line}\r\n`);
    let data: Promise<Socket> | null = null;
    control.on('error', () => undefined);
    const passive = async (): Promise<number> => {
      let accept: (socket: Socket) => void = () => undefined;
      data = new Promise((resolve) => (accept = resolve));
      return listen((socket) => accept(socket));
    };
    const handle = async (line: string): Promise<void> => {
      seen.commands.push(line);
      const [verb = '', argument = ''] = line.split(/ (.*)/s);
      const refusal = refused[verb];
      if (refusal !== undefined) {
        say(refusal);
        return;
      }
      switch (verb) {
        case 'USER':
          say('331 Password');
          return;
        case 'PASS':
          say('230 In');
          return;
        case 'PASV': {
          const passivePort = await passive();
          say(`227 Entering (${passiveHost.replaceAll('.', ',')},${passivePort >> 8},${passivePort & 255})`);
          return;
        }
        case 'EPSV':
          say(`229 Entering (|||${await passive()}|)`);
          return;
        case 'PORT': {
          const [a, b, c, d, high, low] = argument.split(',').map(Number);
          const socket = connect({
            host: [a, b, c, d].join('.'),
            port: (high ?? 0) * 256 + (low ?? 0),
            localAddress: serverAddress,
          });
          data = once(socket, 'connect').then(() => socket);
          say('200 PORT');
          return;
        }
        case 'STOR':
        case 'RETR': {
          say('150 Opening');
          const socket = await data;
          if (socket === null) return;
          seen.peers.push({ control: place(control), data: place(socket) });
          if (verb === 'RETR') socket.end('served');
          else {
            const chunks: Buffer[] = [];
            for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
            seen.uploads.push(Buffer.concat(chunks));
          }
          say('226 Done');
          return;
        }
        case 'QUIT':
          say('221 Bye');
          control.end();
          return;
        default:
          say('200 OK');
      }
    };
    let work = Promise.resolve();
    let rest = '';
    control.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) work = work.then(() => handle(line));
    });
    say('220 Ready');
  });
  return { port, ...seen };
}

const transfer = (port: number, manner: FtpManner, host = clientHost(address), more = {}) =>
  passiveFtp(host, {
    owner,
    remote: { ip: serverAddress, port },
    user: 'u',
    password: 'p',
    name: 'f.dat',
    direction: 'upload',
    file,
    manner,
    signal: never,
    ...more,
  });

describe('passive FTP', () => {
  it('speaks as each Windows client does', async () => {
    const [web, inet, curl] = [await peer(), await peer(), await peer({ EPSV: '502 No EPSV' })];
    await transfer(web.port, ftpManners.webRequest);
    await transfer(inet.port, ftpManners.winInet);
    await transfer(curl.port, ftpManners.curl);
    const login = ['USER u', 'PASS p'];
    expect(web.commands).toEqual([...login, 'OPTS utf8 on', 'PWD', 'TYPE I', 'PASV', 'STOR f.dat']);
    expect(inet.commands).toEqual([...login, 'TYPE I', 'PASV', 'STOR f.dat', 'QUIT']);
    expect(curl.commands).toEqual([...login, 'PWD', 'EPSV', 'PASV', 'TYPE I', 'STOR f.dat', 'QUIT']);
  });

  it('connects both sockets from the host’s address, and reports what the other side saw', async () => {
    const host = clientHost(address);
    const server = await peer();
    expect(await transfer(server.port, ftpManners.winInet, host)).toBe(70_000);
    expect(server.uploads).toEqual([await readFile(file)]);
    const closed = only(host.activities, 'socket-closed');
    const local = closed.map(({ socket }) => `${socket.local.ip}:${socket.local.port}`);
    expect([...local].sort()).toEqual(Object.values(server.peers[0] ?? {}).sort());
    expect(local.every((place) => place.startsWith(`${address}:`))).toBe(true);
    const data = closed.find(({ socket }) => socket.service === 'ftp-data');
    expect(data).toMatchObject({ bytesSent: 70_000, bytesReceived: 0, socket: { openedBy: 'local' } });
    const control = closed.find(({ socket }) => socket.service === 'ftp');
    const said = server.commands.reduce((sum, line) => sum + line.length + 2, 0);
    expect(control).toMatchObject({ bytesSent: said });
  });

  it('reports each command with its reply, its data channel and its content, and no password', async () => {
    const host = clientHost(address);
    const server = await peer();
    await transfer(server.port, ftpManners.winInet, host);
    const commands = only(host.activities, 'ftp-command');
    expect(commands.map(({ command, argument, replyCode }) => [command, argument, replyCode])).toEqual([
      ['USER', 'u', 331],
      ['PASS', '<hidden>', 230],
      ['TYPE', 'I', 200],
      ['PASV', null, 227],
      ['STOR', 'f.dat', 226],
      ['QUIT', null, 221],
    ]);
    const data = only(host.activities, 'socket-closed').find(
      ({ socket }) => socket.service === 'ftp-data',
    )?.socket;
    expect(commands[3]?.data).toEqual({
      passive: true,
      source: { ip: address, port: null },
      destination: data?.remote,
    });
    expect(commands[4]?.content).toEqual({ bytes: 70_000, socket: data, fileName: 'f.dat' });
    expect(commands.every(({ user }) => user === 'u')).toBe(true);
  });

  it('downloads', async () => {
    const host = clientHost(address);
    const server = await peer();
    expect(await transfer(server.port, ftpManners.webRequest, host, { direction: 'download' })).toBe(6);
    expect(await readFile(file, 'utf8')).toBe('served');
    expect(
      only(host.activities, 'ftp-command').find(({ command }) => command === 'RETR')?.content?.bytes,
    ).toBe(6);
  });

  it.each([
    ['PASS', '530 No', 'login', 530],
    ['PASV', '421 No', 'data', 421],
    ['STOR', '553 No', 'transfer', 553],
  ])('says where it failed: %s', async (verb, reply, stage, code) => {
    const server = await peer({ [verb]: reply });
    const failure = transfer(server.port, ftpManners.webRequest);
    await expect(failure).rejects.toBeInstanceOf(FtpFailure);
    await expect(failure).rejects.toMatchObject({ stage, code });
  });

  it('says that nobody listens', async () => {
    const [server] = [createServer().listen(0, serverAddress)];
    await once(server, 'listening');
    const bound = server.address();
    server.close();
    await once(server, 'close');
    const port = bound !== null && typeof bound === 'object' ? bound.port : 0;
    await expect(transfer(port, ftpManners.curl)).rejects.toMatchObject({ stage: 'connect', code: null });
  });

  it('is not led to another host by the server’s reply', async () => {
    const server = await peer({}, '127.0.2.63');
    const host = clientHost(address);
    await expect(transfer(server.port, ftpManners.webRequest, host)).rejects.toThrow('not 127.0.2.62');
    expect(only(host.activities, 'socket-opened').map(({ socket }) => socket.remote.ip)).toEqual([
      serverAddress,
    ]);
  });

  it('reaches loopback only', async () => {
    await expect(
      transfer(21, ftpManners.curl, clientHost(address), { remote: { ip: '192.0.2.1', port: 21 } }),
    ).rejects.toThrow('loopback');
  });
});

describe('active FTP', () => {
  it('offers a port of the host’s, which the server connects to', async () => {
    const host = clientHost(address);
    const server = await peer();
    const heard: number[] = [];
    const client = activeFtp(host, owner, never, ({ code }) => Promise.resolve(void heard.push(code)));
    await client.connect({ ip: serverAddress, port: server.port });
    await client.command('USER u');
    await client.command('PASS p');
    const { bytes, replies } = await client.transfer('STOR', 'f.dat', file);
    await client.command('QUIT');
    client.close();
    expect(bytes).toBe(70_000);
    expect(replies.map(({ code }) => code)).toEqual([200, 150, 226]);
    expect(heard).toEqual([220, 331, 230, 200, 150, 226, 221]);
    expect(server.uploads).toEqual([await readFile(file)]);
    await expect.poll(() => only(host.activities, 'socket-closed').length).toBe(2);
    const data = only(host.activities, 'socket-closed').find(({ socket }) => socket.service === 'ftp-data');
    expect(data?.socket.openedBy).toBe('remote');
    expect(`${data?.socket.local.ip ?? ''}:${data?.socket.local.port ?? 0}`).toBe(server.peers[0]?.data);
    const port = only(host.activities, 'ftp-command').find(({ command }) => command === 'PORT');
    expect(port?.data).toEqual({
      passive: false,
      source: { ip: serverAddress, port: null },
      destination: data?.socket.local,
    });
  });

  it('takes a refusal for what it is', async () => {
    const server = await peer({ STOR: '550 Not this one' });
    const client = activeFtp(clientHost(address), owner, never, () => Promise.resolve());
    await client.connect({ ip: serverAddress, port: server.port });
    const { bytes, replies } = await client.transfer('STOR', 'f.dat', file);
    client.close();
    expect([bytes, replies.map(({ code }) => code)]).toEqual([0, [200, 550]]);
  });

  it('downloads', async () => {
    const server = await peer();
    const client = activeFtp(clientHost(address), owner, never, () => Promise.resolve());
    await client.connect({ ip: serverAddress, port: server.port });
    const { bytes } = await client.transfer('RETR', 'f.dat', file);
    client.close();
    expect([bytes, await readFile(file, 'utf8')]).toEqual([6, 'served']);
  });
});
