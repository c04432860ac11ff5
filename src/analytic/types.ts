import { z } from 'zod';
import {
  parametersSchema,
  protocols,
  type ApprovedTransfer,
  type IncidentRule,
  type Parameters,
  type Protocol,
} from '../config/index.js';

const time = z.iso.datetime();
const endpointSchema = z.strictObject({ ip: z.string().nullable(), port: z.int().nullable() });
const bytes = z.int().nullable();

export const severities = ['informational', 'low', 'medium', 'high'] as const;
export type Severity = (typeof severities)[number];

export const attributions = ['direct', 'lineage', 'inferred'] as const;
export const volumeGrades = ['measured', 'partial', 'absent'] as const;

/** How the initiator was tied to the session, the surest first. */
export const vias = ['entity_id', 'pid', 'community_id', '5-tuple', 'file_name', 'time'] as const;

/** One initiator that sends files to one destination over one protocol: what an analyst opens. */
export const hitSchema = z.strictObject({
  /** Stable for the same host, initiator, destination, protocol and window. */
  id: z.string(),
  host: z.strictObject({ name: z.string(), ip: z.array(z.string()) }),
  initiator: z.strictObject({
    executable: z.string().nullable(),
    originalFileName: z.string().nullable(),
    pid: z.int().nullable(),
    entityId: z.string().nullable(),
    commandLine: z.string().nullable(),
    user: z.string().nullable(),
  }),
  /** null: no record names the socket's owner. */
  socketOwner: z.strictObject({ executable: z.string().nullable(), pid: z.int().nullable() }).nullable(),
  attribution: z.enum(attributions),
  via: z.enum(vias),
  protocol: z.enum(protocols),
  protocolFrom: z.enum(['port', 'protocol_log', 'app_layer']),
  destination: z.strictObject({ ip: z.string(), port: z.int().nullable(), name: z.string().nullable() }),
  start: time.nullable(),
  end: time.nullable(),
  /** Transport payload that left the host, over every socket of the sessions; null where nothing tells. */
  bytesOut: bytes,
  bytesIn: bytes,
  /** out ÷ (out + in), 0 to 1. */
  outboundShare: z.number().min(0).max(1).nullable(),
  volume: z.enum(volumeGrades),
  fileNames: z.array(z.string()),
  matchedFileNames: z.array(z.string()),
  approvedBy: z.string().nullable(),
  severity: z.enum(severities),
  reasons: z.array(z.string()),
  incidentCategory: z.string().nullable(),
  /** event.id of every process, connection, transfer, flow and script record that was used. */
  evidence: z.array(z.string()),
});
export type Hit = z.infer<typeof hitSchema>;

/** A transfer, or a session of which no transfer is known, that no process could be tied to. */
export const unattributedSchema = z.strictObject({
  protocol: z.enum(protocols),
  client: endpointSchema,
  server: endpointSchema,
  direction: z.enum(['upload', 'download', 'unknown']),
  /** null: no record tells. */
  succeeded: z.boolean().nullable(),
  /** Transport payload that the client sent, over every socket of the transfer; null where nothing tells. */
  bytesOut: bytes,
  bytesIn: bytes,
  outboundShare: z.number().min(0).max(1).nullable(),
  fileNames: z.array(z.string()),
  reason: z.string(),
});
export type Unattributed = z.infer<typeof unattributedSchema>;

export const summarySchema = z.strictObject({
  records: z.int(),
  rows: z.int(),
  rejected: z.int(),
  processes: z.int(),
  connections: z.int(),
  transfers: z.int(),
  flows: z.int(),
  hits: z.int(),
});

/** One input of a hunt: records = used + ignored + rejected + duplicates. */
export const huntInputSchema = z.strictObject({
  path: z.string(),
  /** null: no reader knows it. */
  reader: z.string().nullable(),
  records: z.int(),
  used: z.int(),
  ignored: z.record(z.string(), z.int()),
  rejected: z.int(),
  duplicates: z.int(),
  rows: z.int(),
  firstTime: time.nullable(),
  lastTime: time.nullable(),
});
export type HuntInput = z.infer<typeof huntInputSchema>;

/** `dyetrace hunt --json`. */
export const huntSchema = z.strictObject({
  schema: z.literal('dyetrace.hunt/1'),
  parameters: parametersSchema,
  inputs: z.array(huntInputSchema),
  hits: z.array(hitSchema),
  unattributed: z.array(unattributedSchema),
  summary: summarySchema,
});
export type HuntResult = z.infer<typeof huntSchema>;

/** What the analytic knows besides telemetry. */
export interface AnalyticContext {
  readonly parameters: Parameters;
  /** The monitored hosts. Others, and all of them in a hunt, are learnt from the telemetry. */
  readonly hosts: readonly {
    readonly name: string;
    readonly aliases: readonly string[];
    readonly addresses: readonly string[];
    readonly role: string | null;
  }[];
  readonly approvedTransfers: readonly ApprovedTransfer[];
  readonly incidentRules: readonly IncidentRule[];
  /** Zones of receivers. One address may serve several protocols, each for another zone. */
  readonly sinkZones: readonly {
    readonly address: string;
    readonly protocol: Protocol;
    readonly zone: string;
  }[];
}

/** Rows that the analytic saw, and how sessions were tied together. */
export interface AnalyticSummary {
  readonly processes: number;
  readonly connections: number;
  readonly transfers: number;
  readonly flows: number;
  readonly hits: number;
  readonly sessions: number;
  /** Sessions that hold endpoint and network records both, by what tied these. */
  readonly joins: Readonly<Record<string, number>>;
}
