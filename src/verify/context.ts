import type { Leg } from '../config/index.js';
import type { Plan } from '../runner/index.js';
import type { Collection } from '../telemetry/index.js';
import type { ExecutionFacts } from './facts.js';
import type { Gathered, Row, SourceCount } from './rows.js';
import type { Skew } from './skew.js';
import type { VerifyHit } from './types.js';

type PerExecution = Omit<Gathered, 'sources'>;

/** Everything that the judgement of one execution rests on. */
export interface Evidence {
  readonly facts: ExecutionFacts;
  /** From the host's own channels. */
  readonly host: PerExecution;
  readonly siem: PerExecution;
  /** Hits of the analytic that are about this execution. */
  readonly hits: readonly VerifyHit[];
}

/** What all executions share. */
export interface Context {
  readonly plan: Plan;
  readonly collection: Collection | null;
  readonly hostSources: readonly SourceCount[];
  readonly siemSources: readonly SourceCount[];
  readonly skew: ReadonlyMap<string, Skew>;
}

function only<T extends Row>(rows: readonly T[], execution: string): T[] {
  const ids = new Set<string>();
  return rows.filter((row) => {
    // One record may have been delivered twice: it is counted once.
    if (row.execution !== execution || ids.has(row.id)) return false;
    ids.add(row.id);
    return true;
  });
}

export function ofExecution(gathered: Gathered, execution: string): PerExecution {
  return {
    processes: only(gathered.processes, execution),
    connections: only(gathered.connections, execution),
    transfers: only(gathered.transfers, execution),
    flows: only(gathered.flows, execution),
    scripts: only(gathered.scripts, execution),
    preventions: only(gathered.preventions, execution),
  };
}

/** Why a leg could not be looked for in the SIEM; null where every source of it answered. */
export function siemError(context: Context, leg: Leg): string | null {
  const failed = context.collection?.siem.find(
    (source) => source.error !== null && source.legs.includes(leg),
  );
  return failed?.error == null ? null : `${failed.source}: ${failed.error.message}`;
}

export function alertsError(context: Context): string | null {
  return context.collection?.alerts.error?.message ?? null;
}

/** Records of one sensor on one host: how many, and the newest. */
export function endpointSource(
  sources: readonly SourceCount[],
  host: string,
  module: string | null,
): { records: number; latest: number | null } {
  const own = sources.filter(
    (source) =>
      ['process', 'connection', 'host'].includes(source.kind) &&
      source.host === host &&
      (module === null || source.module === module),
  );
  const times = own.map((source) => source.latest).filter((time) => time !== null);
  return {
    records: own.reduce((sum, source) => sum + source.records, 0),
    latest: times.length === 0 ? null : Math.max(...times),
  };
}

export type Readable =
  | { readonly state: 'read' }
  | { readonly state: 'unread'; readonly why: string; readonly failed: boolean };

/**
 * Whether a host's own channel was read. Without a word in collection.json it was, if the host store has anything of that host:
 * an empty folder is no proof that the host saw nothing.
 * @param module sysmon or security; null: any of the two
 */
export function hostChannel(context: Context, host: string, module: string | null): Readable {
  const asked = context.collection?.host.filter((answer) => answer.host === host) ?? [];
  const fits = (channel: string) =>
    channel === 'all' || (module === null ? /sysmon|security/i : new RegExp(module, 'i')).test(channel);
  const own = asked.filter((answer) => fits(answer.channel));
  const failed = own.find((answer) => answer.error !== null);
  if (failed?.error != null) return { state: 'unread', why: failed.error.message, failed: true };
  if (own.length > 0) return { state: 'read' };
  if (endpointSource(context.hostSources, host, null).records > 0) return { state: 'read' };
  return { state: 'unread', why: "the host's own channels were not read", failed: false };
}

/** Sysmon is the source that AN1169 names. Where it lives, Security events are a substitute and not the leg. */
export function preferredModule(context: Context, host: string): 'sysmon' | null {
  const asked = context.collection?.host.some(
    (answer) => answer.host === host && /sysmon/i.test(answer.channel) && answer.error === null,
  );
  const alive = [context.hostSources, context.siemSources].some(
    (sources) => endpointSource(sources, host, 'sysmon').records > 0,
  );
  return asked === true || alive ? 'sysmon' : null;
}
