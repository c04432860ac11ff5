import { createHash } from 'node:crypto';
import { communityId, type Endpoint, isPrivateIp } from '../../core/index.js';
import type { SimulatedSocket } from '../activity.js';

export type ZeekRecord = Record<string, unknown>;

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id in Zeek's form: a letter (C connection, F file) and 17 characters of base 62. It depends on the text alone. */
export function zeekId(letter: 'C' | 'F', text: string): string {
  const digest = createHash('sha256').update(text).digest();
  return letter + Array.from(digest.subarray(0, 17), (byte) => base62[byte % 62]).join('');
}

/** Zeek's time: seconds since the epoch, as its JSON writer prints it by default. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Originator (who sent the first packet) and responder. */
export function ends(socket: SimulatedSocket): { orig: Endpoint; resp: Endpoint } {
  return socket.openedBy === 'local'
    ? { orig: socket.local, resp: socket.remote }
    : { orig: socket.remote, resp: socket.local };
}

/** The fields that tie a record to its connection. */
export function connectionId(socket: SimulatedSocket): ZeekRecord {
  const { orig, resp } = ends(socket);
  return {
    'id.orig_h': orig.ip,
    'id.orig_p': orig.port,
    'id.resp_h': resp.ip,
    'id.resp_p': resp.port,
  };
}

// What the analyzers add up to for each kind of session; TFTP has no analyzer in Zeek itself.
const services = {
  ftp: 'ftp',
  'ftp-data': 'ftp-data',
  smb: 'gssapi,ntlm,smb',
  tftp: null,
  ssl: 'ssl',
} as const;

export interface FlowEnd {
  readonly at: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly firstByteAt: number | null;
  readonly lastByteAt: number | null;
}

const headers = { tcp: 40, udp: 28 } as const;
/** Payload of a full segment (MTU 1500) and of a datagram: a TFTP block with its header. */
const payload = { tcp: 1460, udp: 516 } as const;

/** Packets of one direction. Nobody counted them: they follow from the bytes and full packets, TCP's acknowledgements included. */
function packets(transport: 'tcp' | 'udp', own: number, other: number): number {
  const carrying = Math.ceil(own / payload[transport]);
  if (transport === 'udp') return carrying;
  // Opening and closing take two each; every second segment of the other side is acknowledged.
  return 4 + carrying + Math.ceil(Math.ceil(other / payload.tcp) / 2);
}

function state(transport: 'tcp' | 'udp', orig: number, resp: number, open: boolean) {
  if (transport === 'tcp') {
    const data = `${orig > 0 ? 'D' : ''}${resp > 0 ? 'd' : ''}`;
    return open ? { state: 'S1', history: `ShA${data}` } : { state: 'SF', history: `ShA${data}Ff` };
  }
  if (resp === 0) return { state: 'S0', history: 'D' };
  return orig === 0 ? { state: 'SHR', history: 'Cd' } : { state: 'SF', history: 'Dd' };
}

/**
 * A row of conn.log with the community-id-logging policy. Bytes are payload. A flow of a single packet has neither a duration
 * nor byte counts in Zeek, and one that is still open (`end` null) none that the simulator knows.
 * https://docs.zeek.org/en/master/logs/conn.html
 */
export function connRecord(socket: SimulatedSocket, end: FlowEnd | null, encrypted: boolean): ZeekRecord {
  const { transport } = socket;
  const { orig, resp } = ends(socket);
  const known = socket.service === null ? null : services[socket.service];
  const service = encrypted && known === 'ftp' ? 'ftp,ssl' : known;
  const local = socket.openedBy === 'local';
  const origBytes = (local ? end?.bytesSent : end?.bytesReceived) ?? 0;
  const respBytes = (local ? end?.bytesReceived : end?.bytesSent) ?? 0;
  const origPackets = packets(transport, origBytes, respBytes);
  const respPackets = packets(transport, respBytes, origBytes);
  const { state: connState, history } = state(transport, origBytes, respBytes, end === null);
  const onePacket = transport === 'udp' && origPackets + respPackets <= 1;
  const last = transport === 'udp' ? (end?.lastByteAt ?? end?.at) : end?.at;
  // The clock has milliseconds: a flow of several packets took at least one.
  const duration = Math.max((last ?? socket.openedAt) - socket.openedAt, 1) / 1000;
  return {
    ts: seconds(socket.openedAt),
    uid: zeekId('C', socket.id),
    ...connectionId(socket),
    proto: transport,
    ...(service === null ? {} : { service }),
    ...(end === null || onePacket ? {} : { duration, orig_bytes: origBytes, resp_bytes: respBytes }),
    conn_state: connState,
    local_orig: isPrivateIp(orig.ip),
    local_resp: isPrivateIp(resp.ip),
    missed_bytes: 0,
    history,
    ...(end === null
      ? {}
      : {
          orig_pkts: origPackets,
          orig_ip_bytes: origBytes + origPackets * headers[transport],
          resp_pkts: respPackets,
          resp_ip_bytes: respBytes + respPackets * headers[transport],
        }),
    ip_proto: transport === 'tcp' ? 6 : 17,
    community_id: communityId(transport, orig, resp),
  };
}

/** A row of files.log. FTP's files have no name there: ftp.log has it, joined by fuid. */
export function fileRecord(options: {
  readonly at: number;
  readonly fuid: string;
  readonly socket: SimulatedSocket;
  readonly source: 'FTP_DATA' | 'SMB';
  readonly fromLocal: boolean;
  readonly bytes: number;
  readonly fileName: string | null;
}): ZeekRecord {
  const { socket, fromLocal } = options;
  const isOrig = fromLocal === (socket.openedBy === 'local');
  return {
    ts: seconds(options.at),
    fuid: options.fuid,
    uid: zeekId('C', socket.id),
    ...connectionId(socket),
    source: options.source,
    depth: 0,
    analyzers: [],
    ...(options.fileName === null ? {} : { filename: options.fileName }),
    local_orig: isPrivateIp(fromLocal ? socket.local.ip : socket.remote.ip),
    is_orig: isOrig,
    seen_bytes: options.bytes,
    missing_bytes: 0,
    overflow_bytes: 0,
    timedout: false,
  };
}
