import type { Evidence } from './context.js';
import type { SocketFact } from './facts.js';
import type { FlowRow } from './rows.js';
import { nearest, offsetOf } from './time.js';

export interface Volume {
  readonly grade: 'measured' | 'partial' | 'absent';
  /** Payload that the monitored host sent, as the sensor counted it; null where none did. */
  readonly bytesOut: number | null;
  readonly rows: readonly FlowRow[];
  /** Sockets with content of which no flow tells. */
  readonly unseen: readonly SocketFact[];
  /** A flow without its counters. */
  readonly uncounted: readonly FlowRow[];
  /** Sockets that carried other executions' files as well. */
  readonly shared: boolean;
}

/** Loss, retransmission and the options of TCP headers: what two honest counters may differ by. */
export const toleratedError = 0.05;

const headerBytes = (row: FlowRow): number => {
  const ip = row.sourceIp?.includes(':') === true ? 40 : 20;
  const transport = row.transport === 'udp' ? 8 : 20;
  return ip + transport + (row.counter === 'frame' ? 14 : 0);
};

/** Whether a flow's source is the server's end of a socket. That end is the same on both sides of an address translation. */
function startsAtServer(row: FlowRow, { server }: SocketFact): boolean {
  const isServer = (ip: string | null, port: number | null) =>
    ip === server.ip && (port === null || port === server.port);
  return (
    isServer(row.sourceIp, row.sourcePort) &&
    !(row.sourcePort === null && row.destinationPort === server.port)
  );
}

function fromClient(row: FlowRow, socket: SocketFact): { bytes: number | null; packets: number | null } {
  return startsAtServer(row, socket)
    ? { bytes: row.destinationBytes, packets: row.destinationPackets }
    : { bytes: row.sourceBytes, packets: row.sourcePackets };
}

/** Behind an address translation: the flow between the host's own address and the server's end of the socket. */
function innerSocket(
  row: FlowRow,
  sockets: readonly SocketFact[],
  hostAddress: string,
): SocketFact | undefined {
  return sockets.find(({ server }) =>
    [
      [row.sourceIp, row.destinationIp, row.destinationPort],
      [row.destinationIp, row.sourceIp, row.sourcePort],
    ].some(([client, ip, port]) => client === hostAddress && ip === server.ip && port === server.port),
  );
}

/** Payload that the client sent: counters that include headers lose them, packet by packet (decision 12). */
function payload(row: FlowRow, socket: SocketFact): number | null {
  const { bytes, packets } = fromClient(row, socket);
  if (bytes === null || row.counter === 'payload' || row.counter === null) return bytes;
  return packets === null ? bytes : Math.max(0, bytes - packets * headerBytes(row));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/**
 * What flow records say of the bytes that left the host. Pieces of one flow add up; two sensors that saw the same flow do not:
 * the one that saw more sockets speaks, and of two such the one that counted more.
 */
export function volumeOf(evidence: Evidence): Volume {
  const { sockets, planned, truth } = evidence.facts;
  const translated = sockets.some((socket) => socket.client.ip !== planned.host.address);
  const exact = new Set(evidence.siem.flows.filter((row) => row.via === '5-tuple').map((row) => row.socket));
  const rows = nearest(
    evidence.siem.flows.filter((row) => {
      if (row.via === '5-tuple') return true;
      const inTime = row.at !== null && offsetOf(row.at, evidence.facts) === 0;
      return inTime && (row.socket === null ? translated : !exact.has(row.socket));
    }),
    evidence.facts,
  );
  const placed = rows.flatMap((row) => {
    const socket = sockets[row.socket ?? -1] ?? innerSocket(row, sockets, planned.host.address);
    return socket === undefined ? [] : [{ row, socket, bytes: payload(row, socket) }];
  });
  const bySensor = new Map<string, typeof placed>();
  for (const each of placed) {
    const sensor = `${each.row.module ?? ''} ${each.row.observerName ?? ''}`;
    bySensor.set(sensor, [...(bySensor.get(sensor) ?? []), each]);
  }
  const ranked = [...bySensor.values()]
    .map((own) => ({
      own,
      sockets: new Set(own.map(({ socket }) => socket.index)).size,
      bytes: sum(own.map(({ bytes }) => bytes ?? 0)),
    }))
    .sort((a, b) => b.sockets - a.sockets || b.bytes - a.bytes);
  const best = ranked[0];
  const carrying = sockets.filter((socket) => socket.bytesFromClient + socket.bytesToClient > 0);
  const seen = new Set(best?.own.map(({ socket }) => socket.index));
  const unseen = carrying.filter((socket) => !seen.has(socket.index));
  // Zeek counts no bytes of a flow that was never answered, such as TFTP's request: what is missing there is next to nothing.
  const tolerance = Math.max(64, (truth ?? 0) * toleratedError);
  const uncounted = (best?.own ?? [])
    .filter(({ bytes, socket }) => bytes === null && socket.bytesFromClient > tolerance)
    .map(({ row }) => row);
  const counted = (best?.own ?? []).filter(({ bytes }) => bytes !== null);
  const bytesOut = counted.length === 0 ? null : (best?.bytes ?? null);
  const shared = carrying.some((socket) => socket.shared);
  const close = bytesOut !== null && truth !== null && Math.abs(bytesOut - truth) <= tolerance;
  return {
    grade: bytesOut === null ? 'absent' : close ? 'measured' : 'partial',
    bytesOut,
    rows,
    unseen,
    uncounted,
    shared,
  };
}

/** In percent of the truth, to a tenth; negative where too little was counted. */
export function errorPercent(bytesOut: number | null, truth: number | null): number | null {
  if (bytesOut === null || truth === null || truth === 0) return null;
  return Math.round(((bytesOut - truth) / truth) * 1000) / 10;
}
