import { createSocket } from 'node:dgram';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { waitFor } from '../../src/core/index.js';
import type { Receipt } from '../../src/sinks/types.js';

/** One TCP connection or UDP exchange as tshark saw it. `source` sent the first packet; bytes are payload without repetitions of TCP. */
export interface CapturedFlow {
  readonly transport: string;
  readonly source: string;
  readonly destination: string;
  readonly bytesFromSource: number;
  readonly bytesToSource: number;
}

export interface Capture {
  /** Ends the capture. @returns its flows, in the order of their first packets */
  stop(): Promise<CapturedFlow[]>;
}

/** UDP port of packets that only mark the start and the end of a capture (RFC 863, discard). */
const markerPort = 9;

async function readFlows(file: string): Promise<CapturedFlow[]> {
  const fields = [
    'ip.proto',
    'ip.src',
    'ip.dst',
    'tcp.srcport',
    'tcp.dstport',
    'tcp.len',
    'udp.srcport',
    'udp.dstport',
    'udp.length',
  ];
  const filter = `(tcp and not tcp.analysis.retransmission and not tcp.analysis.spurious_retransmission) or (udp and not udp.port == ${markerPort})`;
  const { stdout } = await execa('tshark', [
    '-r',
    file,
    '-n',
    '-Y',
    filter,
    '-T',
    'fields',
    '-E',
    'separator=,',
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  const flows = new Map<string, { flow: CapturedFlow; from: number; to: number }>();
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const [proto, src, dst, tcpSrc, tcpDst, tcpLength, udpSrc, udpDst, udpLength] = line.split(',');
    const tcp = proto === '6';
    const source = `${src}:${tcp ? tcpSrc : udpSrc}`;
    const destination = `${dst}:${tcp ? tcpDst : udpDst}`;
    // The length of UDP counts its header of eight bytes.
    const bytes = tcp ? Number(tcpLength) : Number(udpLength) - 8;
    const transport = tcp ? 'tcp' : 'udp';
    const back = flows.get(`${transport} ${destination} ${source}`);
    if (back !== undefined) {
      back.to += bytes;
      continue;
    }
    const key = `${transport} ${source} ${destination}`;
    const known = flows.get(key);
    if (known !== undefined) known.from += bytes;
    else {
      const flow = { transport, source, destination, bytesFromSource: 0, bytesToSource: 0 };
      flows.set(key, { flow, from: bytes, to: 0 });
    }
  }
  return [...flows.values()].map(({ flow, from, to }) => ({
    ...flow,
    bytesFromSource: from,
    bytesToSource: to,
  }));
}

/** Captures what goes to and from an address on Linux's loopback. Resolves once tshark sees packets. */
export async function captureLoopback(address: string, directory: string): Promise<Capture> {
  const file = join(directory, `capture-${address}.pcapng`);
  // -P -l: a line per packet as it comes, by which we know that it has been captured.
  const options = [
    '-i',
    'lo',
    '-n',
    '-s',
    '200',
    '-B',
    '32',
    '-f',
    `host ${address}`,
    '-w',
    file,
    '-P',
    '-l',
  ];
  const tshark = spawn('tshark', options, { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(tshark, 'exit');
  const lengths = new Set<number>();
  let text = '';
  tshark.stdout.setEncoding('utf8');
  tshark.stdout.on('data', (chunk: string) => {
    text += chunk;
    for (const match of text.matchAll(/Discard[^\n]* (\d+) bytes\n|Len=(\d+)\n/gi)) {
      lengths.add(Number(match[1] ?? match[2]));
    }
    text = text.slice(-500);
  });
  const probe = createSocket('udp4');
  const mark = async (length: number) => {
    const seen = await waitFor(
      () => {
        probe.send(Buffer.alloc(length), markerPort, address);
        return lengths.has(length);
      },
      { timeoutMs: 20_000, intervalMs: 100 },
    );
    if (seen !== true) throw new Error(`tshark captured no packet to ${address}`);
  };
  await mark(11);
  return {
    async stop() {
      await mark(12);
      probe.close();
      tshark.kill('SIGINT');
      await exited;
      return readFlows(file);
    },
  };
}

/** The sockets of receipts in the form of captured flows; a control connection that receipts share is there once. */
export function flowsOf(receipts: readonly Receipt[]): CapturedFlow[] {
  const flows = receipts
    .flatMap((receipt) => receipt.sockets)
    .map((socket) => ({
      transport: socket.transport,
      source: `${socket.source.ip}:${socket.source.port}`,
      destination: `${socket.destination.ip}:${socket.destination.port}`,
      bytesFromSource: socket.openedBy === 'client' ? socket.bytesFromClient : socket.bytesToClient,
      bytesToSource: socket.openedBy === 'client' ? socket.bytesToClient : socket.bytesFromClient,
    }));
  return [...new Map(flows.map((flow) => [`${flow.source} ${flow.destination}`, flow])).values()];
}
