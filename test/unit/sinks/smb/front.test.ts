import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock, waitFor, type Endpoint } from '../../../../src/core/index.js';
import { openFront, type Front, type FrontConnection } from '../../../../src/sinks/smb/front.js';
import { defaultSinkLimits, type SinkLimits } from '../../../../src/sinks/types.js';
import { describeWith } from '../../../helpers/requires.js';

const address = '127.0.2.48';
let server: Server;
let accepted: Socket[];
let acceptedFrom: (string | undefined)[];
let front: Front | undefined;
let events: string[];
let refused: { client: Endpoint; reason: string }[];
let connection: FrontConnection | undefined;

beforeEach(async () => {
  [accepted, acceptedFrom, events, refused, connection, front] = [[], [], [], [], undefined, undefined];
  // Stands for smbd: answers each chunk with half of it.
  server = createServer((socket) => {
    accepted.push(socket);
    acceptedFrom.push(socket.remoteAddress);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(chunk.subarray(0, Math.ceil(chunk.length / 2))));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of accepted) socket.destroy();
  const closed = front?.close();
  connection?.reset('the test is over');
  await closed;
  server.close();
});

async function open(limits: Partial<SinkLimits> = {}, clients: string[] = ['127.0.0.1']) {
  let source = 0;
  front = await openFront(
    {
      options: { id: 'smb', address, port: 0, clients, limits: { ...defaultSinkLimits, ...limits } },
      clock: systemClock,
      serverPort: (server.address() as AddressInfo).port,
      sources: () => `127.64.0.${++source}`,
    },
    {
      opened: (opened) => {
        connection = opened;
        events.push('opened');
      },
      fromClient: () => undefined,
      toClient: () => undefined,
      ending: () => events.push('ending'),
      closed: () => events.push('closed'),
      refused: (client, reason) => refused.push({ client, reason }),
    },
  );
  return front.port;
}

function client(port: number, localAddress = '127.0.0.1') {
  const socket = connect({ host: address, port, localAddress });
  let received = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => (received += chunk.length));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, received: () => received, closed };
}

const isOver = () => waitFor(() => events.includes('closed'), { timeoutMs: 5000 });

describeWith({ platforms: ['linux'] }, 'openFront', () => {
  it('passes everything on from an address of its own, and counts it', async () => {
    const one = client(await open());
    one.socket.write(Buffer.alloc(1_000_001));
    await waitFor(() => one.received() >= 500_001, { timeoutMs: 5000 });
    one.socket.end();
    await isOver();
    expect(acceptedFrom).toEqual(['127.64.0.1']);
    expect(connection?.client).toEqual({ ip: '127.0.0.1', port: expect.any(Number) as number });
    expect(connection?.fromClient).toBe(1_000_001);
    expect(connection?.toClient).toBe(one.received());
    expect(connection?.over).toBe('the client ended the connection');
    expect(events).toEqual(['opened', 'ending', 'closed']);
  });

  it('turns others away, and says why', async () => {
    const port = await open({ maxConnections: 1 });
    const stranger = client(port, '127.0.1.99');
    await stranger.closed;
    client(port);
    await waitFor(() => events.includes('opened'), { timeoutMs: 5000 });
    await client(port).closed;
    expect(refused.map(({ client: { ip }, reason }) => [ip, reason])).toEqual([
      ['127.0.1.99', 'the address is not a client of this sink'],
      ['127.0.0.1', 'more than 1 connection(s) at a time'],
    ]);
    expect(accepted).toHaveLength(1);
  });

  it('ends in both directions, with a client that does not answer too', async () => {
    const one = client(await open());
    one.socket.write('hello');
    await waitFor(() => one.received() > 0, { timeoutMs: 5000 });
    one.socket.allowHalfOpen = true;
    connection?.end('enough');
    connection?.end('again');
    await isOver();
    expect(connection?.over).toBe('enough');
    one.socket.destroy();
  });

  it('ends what is idle', async () => {
    const one = client(await open({ idleTimeoutMs: 100 }));
    await one.closed;
    expect(connection?.over).toBe('the connection was idle for 100 ms');
  });

  it('keeps the rate', async () => {
    const one = client(await open({ maxBytesPerSecond: 1_000_000 }));
    const before = performance.now();
    one.socket.write(Buffer.alloc(500_000));
    await waitFor(() => one.received() >= 250_000, { timeoutMs: 5000 });
    one.socket.end();
    await isOver();
    expect(performance.now() - before).toBeGreaterThan(300);
  });

  it('tells the client of the end of the server', async () => {
    const one = client(await open());
    one.socket.write('hello');
    await waitFor(() => one.received() > 0, { timeoutMs: 5000 });
    accepted[0]?.destroy();
    await one.closed;
    await isOver();
    expect(connection?.over).toMatch(/^the server/);
  });

  it('binds the exact address, or says why not', async () => {
    const port = await open();
    const stray = connect({ host: '127.0.2.49', port });
    await expect(once(stray, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const again = openFront(
      {
        options: { id: 'smb', address, port, clients: [], limits: defaultSinkLimits },
        clock: systemClock,
        serverPort: 1,
      },
      {
        opened: () => undefined,
        fromClient: () => undefined,
        toClient: () => undefined,
        ending: () => undefined,
        closed: () => undefined,
        refused: () => undefined,
      },
    );
    await expect(again).rejects.toMatchObject({ code: 'sink-port-in-use' });
  });
});
