import type { TelemetryQuery, TimeWindow } from '../types.js';

export type RawRecord = Readonly<Record<string, unknown>>;

function field(record: RawRecord, path: string): unknown {
  let value: unknown = record;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as RawRecord)[part];
  }
  return value;
}

function time(value: unknown): number {
  if (typeof value === 'number') return value * 1000;
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/**
 * By the time of the event or of its ingestion: a record with a wrong time zone is in the window by the second, and has to be
 * found for its fault to be named.
 */
export function inWindow(record: RawRecord, window: TimeWindow): boolean {
  return [record['@timestamp'], record['ts'], field(record, 'event.ingested')]
    .map(time)
    .some((at) => at >= window.from && at <= window.until);
}

/** Endpoint records by host name, network records by address: the narrow query that a real SIEM would be sent. */
export function isAboutHosts(record: RawRecord, query: TelemetryQuery): boolean {
  const name = field(record, 'host.name') ?? field(record, 'winlog.computer_name');
  if (typeof name === 'string') {
    const short = name.toLowerCase().split('.')[0] ?? '';
    return query.hosts.some(
      (host) => host.toLowerCase() === name.toLowerCase() || host.toLowerCase().split('.')[0] === short,
    );
  }
  const addresses = ['id.orig_h', 'id.resp_h'].map((key) => record[key]);
  addresses.push(field(record, 'source.ip'), field(record, 'destination.ip'));
  return addresses.some((address) => typeof address === 'string' && query.addresses.includes(address));
}
