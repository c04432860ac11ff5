import type { AttributionGrade } from '../scenario/index.js';
import type { JournalLine, Plan } from '../runner/index.js';
import type { Receipt, Refusal } from '../sinks/index.js';
import type { Collection, Store } from '../telemetry/index.js';
import type { ErrorEntry, ExecutionResult } from './result-schema.js';

/** What verification needs of a hit of the analytic. */
export interface VerifyHit {
  readonly id: string;
  readonly host: { readonly name: string };
  readonly initiator: {
    readonly executable: string | null;
    readonly pid: number | null;
    readonly entityId: string | null;
    readonly commandLine: string | null;
  };
  readonly attribution: Exclude<AttributionGrade, 'none'>;
  /** How the tie was made: entity_id, pid, community_id, 5-tuple, file_name, time. */
  readonly via: string;
  readonly protocol: string;
  readonly destination: { readonly ip: string; readonly port: number | null };
  readonly start: string | null;
  readonly end: string | null;
  readonly bytesOut: number | null;
  readonly outboundShare: number | null;
  readonly fileNames: readonly string[];
  readonly approvedBy: string | null;
  readonly severity: string;
  readonly evidence: readonly string[];
}

export interface VerifyInput {
  readonly plan: Plan;
  readonly journal: readonly JournalLine[];
  /** In the order of receipts.ndjson: of several with one id the last holds. */
  readonly receipts: readonly Receipt[];
  /** What the sinks turned away, where it was kept. */
  readonly refusals?: readonly Refusal[];
  /** Telemetry and alerts of the SIEM, read into the model. */
  readonly siem: Store;
  /** The hosts' own channels, read into the model. */
  readonly host: Store;
  /** null: the telemetry is taken as fully read. */
  readonly collection: Collection | null;
  /** Hits of the analytic on the SIEM's store. */
  readonly hits: readonly VerifyHit[];
}

export type AlertResult = ExecutionResult['alerts'][number];

export interface VerifyResult {
  readonly executions: readonly ExecutionResult[];
  /** Every alert of the window, with the execution that it belongs to. */
  readonly alerts: readonly (AlertResult & { readonly execution: string | null })[];
  /** Alerts that no upload explains which was to be alerted on. */
  readonly falsePositives: readonly (AlertResult & {
    readonly host: string | null;
    readonly process: string | null;
    readonly execution: string | null;
  })[];
  /** Host clock minus the control host's clock, in ms; null where nothing tells. */
  readonly clockSkew: readonly {
    readonly host: string;
    readonly ms: number | null;
    readonly uncertaintyMs: number | null;
  }[];
  /** The SIEM's sources that did not answer. */
  readonly errors: readonly ErrorEntry[];
  /** Ids of receipts that belong to no execution of the plan. */
  readonly unmatchedReceipts: readonly string[];
}
