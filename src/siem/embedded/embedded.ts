import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { legs, type Leg } from '../../config/index.js';
import { messageOf, rfc3339, type Clock } from '../../core/index.js';
import type { RuleDescription, Siem, SourceAnswer, TelemetryQuery, TimeWindow } from '../types.js';
import { inWindow, isAboutHosts, type RawRecord } from './filter.js';

/** An alert as the embedded SIEM stores it: ECS names. */
export interface EmbeddedAlert {
  /** The same transfer found again by a later run of the rule gives the same key, and no second alert. */
  readonly key: string;
  readonly record: RawRecord;
}

export interface EmbeddedSiemOptions {
  /** Where its indices lie, one folder per source. */
  readonly directory: string;
  readonly clock: Clock;
  /** Milliseconds between two runs of the rule. */
  readonly ruleIntervalMs: number;
  /** The detection rule: reads the indices, gives what it finds. Handed in, since a SIEM knows no analytic of ours. */
  readonly rule: (indices: string, now: number) => Promise<readonly EmbeddedAlert[]>;
  readonly rules: readonly RuleDescription[];
}

export interface EmbeddedSiem extends Siem {
  /** Takes a record in, with the time of ingestion. In memory at once, on disk with the next flush. */
  ingest(source: string, record: RawRecord): void;
}

/** Which legs a source bears on. */
const legsOf: Readonly<Record<string, readonly Leg[]>> = {
  winlogbeat: ['process_creation', 'network_connection'],
  'zeek-conn': ['flow_volume'],
  'zeek-ftp': ['protocol_log'],
  'zeek-files': ['protocol_log'],
  'zeek-smb_files': ['protocol_log'],
  gateway: ['gateway_log'],
};

/** Sources that a query always asks, so that an empty one is an answer of its own. */
const sources = Object.keys(legsOf);

/**
 * A SIEM in this process: records come in by `ingest`, one rule runs over them at an interval, and queries are answered from
 * what has come in. It is a stand-in for lab exercises without a server; the contract that it fulfils is that of the real ones.
 */
export function createEmbeddedSiem(options: EmbeddedSiemOptions): EmbeddedSiem {
  const { directory, clock } = options;
  const indices = new Map<string, RawRecord[]>(sources.map((source) => [source, []]));
  const flushed = new Map<string, number>();
  const alerts = new Map<string, RawRecord>();
  let ruleError: unknown;
  let seenByRule = -1;
  let work: Promise<void> = Promise.resolve();

  const count = () => [...indices.values()].reduce((sum, records) => sum + records.length, 0);

  async function flush(): Promise<void> {
    for (const [source, records] of indices) {
      const from = flushed.get(source) ?? 0;
      if (from === records.length) continue;
      const folder = join(directory, source);
      await mkdir(folder, { recursive: true });
      const batch = records.slice(from);
      flushed.set(source, records.length);
      await appendFile(
        join(folder, 'records.ndjson'),
        batch.map((record) => `${JSON.stringify(record)}\n`).join(''),
      );
    }
  }

  async function runRule(): Promise<void> {
    const size = count();
    if (size === seenByRule) return;
    seenByRule = size;
    await flush();
    try {
      const now = clock.now();
      for (const alert of await options.rule(directory, now)) {
        if (alerts.has(alert.key)) continue;
        alerts.set(alert.key, { ...alert.record, '@timestamp': rfc3339(now) });
      }
      ruleError = undefined;
    } catch (error) {
      ruleError = error;
    }
  }

  /** One thing at a time: a rule never reads half a batch. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = work.then(task);
    work = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  // A rule that takes longer than its interval is not started again before it has ended: runs would pile up.
  let ruleWaits = false;
  const timer = setInterval(() => {
    if (ruleWaits) return;
    ruleWaits = true;
    void inTurn(runRule).finally(() => {
      ruleWaits = false;
    });
  }, options.ruleIntervalMs);
  timer.unref();

  async function write(folder: string, source: string, records: readonly RawRecord[]): Promise<void> {
    await mkdir(join(folder, source), { recursive: true });
    await writeFile(
      join(folder, source, 'records.ndjson'),
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
  }

  return {
    ingest(source, record) {
      const records = indices.get(source) ?? [];
      indices.set(source, records);
      const event = typeof record['event'] === 'object' && record['event'] !== null ? record['event'] : {};
      records.push({ ...record, event: { ...event, ingested: rfc3339(clock.now()) } });
    },
    probe: () => Promise.resolve({ product: 'Dyetrace embedded SIEM', version: '1' }),
    telemetry: (query: TelemetryQuery, folder: string) =>
      inTurn(async () => {
        const answers: SourceAnswer[] = [];
        for (const [source, records] of indices) {
          const wanted = records.filter(
            (record) => inWindow(record, query.window) && isAboutHosts(record, query),
          );
          await write(folder, source, wanted);
          answers.push({
            source,
            legs: legsOf[source] ?? [],
            records: wanted.length,
            error: null,
            query: `${source}: (@timestamp or event.ingested) from ${rfc3339(query.window.from)} until ${rfc3339(query.window.until)}, host.name in (${query.hosts.join(', ')}) or address in (${query.addresses.join(', ')})`,
          });
        }
        return answers;
      }),
    alerts: (window: TimeWindow, folder: string) =>
      inTurn(async () => {
        const wanted = [...alerts.values()].filter((record) => inWindow(record, window));
        await write(folder, 'alerts', wanted);
        return {
          source: 'alerts',
          legs: [],
          records: wanted.length,
          error:
            ruleError === undefined
              ? null
              : {
                  code: 'rule-failed',
                  message: `the alert rule failed: ${messageOf(ruleError)}`,
                  remedy: 'this is a defect of Dyetrace: please report it',
                },
          query: `alerts: @timestamp from ${rfc3339(window.from)} until ${rfc3339(window.until)}`,
        };
      }),
    rules: () => Promise.resolve(options.rules),
    capabilities: () => ({ legs, alerts: true, rules: true }),
    close: async () => {
      clearInterval(timer);
      await work;
    },
  };
}
