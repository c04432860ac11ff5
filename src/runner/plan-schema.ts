import { z } from 'zod';
import {
  approvedTransferSchema,
  incidentRuleSchema,
  initiators,
  legs,
  parametersSchema,
  protocols,
  shells,
} from '../config/index.js';
import { attributionGrades, expectedOutcomes, profileNames } from '../scenario/index.js';

const time = z.iso.datetime();

export const plannedFileSchema = z.strictObject({
  /** result, download and copy (of a program) are made on the host by a step: not staged, but removed. */
  kind: z.enum(['tracer', 'script', 'dll', 'text', 'result', 'download', 'copy']),
  path: z.string(),
  size: z.int(),
  sha256: z.string(),
  /** script: file of the library; text: the content itself. Tracers are made from the seed. */
  source: z.string().nullable(),
});

export const plannedStepSchema = z.strictObject({
  commandLine: z.string(),
  stdin: z.literal('share-password').nullable(),
  timeoutMs: z.int(),
  /** Exit codes after which the next step runs. */
  successExitCodes: z.array(z.int()),
  /** A word that only this execution has on its command line: its processes are found by it. */
  marker: z.string(),
});

export const plannedTracerSchema = z.strictObject({
  /** Its name on the wire. */
  fileName: z.string(),
  size: z.int(),
  sha256: z.string(),
  /** Number of the piece; null where the execution moves one file. */
  piece: z.int().nullable(),
});
export type PlannedTracer = z.infer<typeof plannedTracerSchema>;

export const plannedExecutionSchema = z.strictObject({
  id: z.string(),
  scenario: z.string(),
  initiator: z.enum([...initiators, 'other']),
  protocol: z.enum(protocols),
  variant: z.string(),
  profile: z.enum(profileNames),
  control: z.boolean(),
  direction: z.enum(['upload', 'download']),
  host: z.strictObject({
    id: z.string(),
    name: z.string(),
    aliases: z.array(z.string()),
    address: z.string(),
    role: z.string(),
    shell: z.enum(shells),
  }),
  sink: z.strictObject({ id: z.string(), address: z.string(), port: z.int(), zone: z.string() }),
  /** The files that are moved: one, or the pieces of a slow execution in their order. */
  tracers: z.array(plannedTracerSchema).min(1),
  /** The server chooses the name (STOU), so the plan's is not seen on the wire. */
  serverNames: z.boolean(),
  directory: z.string(),
  files: z.array(plannedFileSchema),
  steps: z.array(plannedStepSchema),
  /** The commands return before the transfer has ended: it is waited for until the last step's time is up. */
  detached: z.boolean(),
  expected: z.strictObject({
    outcome: z.enum(expectedOutcomes),
    attribution: z.enum(attributionGrades),
    socketOwner: z.string(),
    legs: z.array(z.enum(legs)),
    /** Legs that nobody can observe, since the content is encrypted. */
    notObservable: z.array(z.enum(legs)),
    sockets: z.array(
      z.strictObject({
        role: z.enum(['control', 'data', 'request', 'transfer']),
        transport: z.enum(['tcp', 'udp']),
        openedBy: z.enum(['client', 'sink']),
      }),
    ),
  }),
  cleanup: z.array(z.string()),
  /** The scope rules that allowed it, as paths in lab.yaml. */
  allowedBy: z.array(z.string()),
  incidentCategory: z.string().nullable(),
});
export type PlannedExecution = z.infer<typeof plannedExecutionSchema>;
export type PlannedFile = z.infer<typeof plannedFileSchema>;

/** `plan.json`: everything that is going to happen, before anything does. Same inputs, same bytes. */
export const planSchema = z.strictObject({
  schema: z.literal('dyetrace.plan/1'),
  run: z.strictObject({
    id: z.string(),
    lab: z.string(),
    contact: z.string(),
    seed: z.string(),
    version: z.string(),
    simulated: z.boolean(),
    plannedAt: time,
  }),
  authorisation: z.strictObject({ by: z.string(), until: z.string(), reference: z.string().nullable() }),
  parameters: parametersSchema,
  approvedTransfers: z.array(approvedTransferSchema),
  incidentRules: z.array(incidentRuleSchema),
  limits: z.strictObject({
    maxTotalBytes: z.int(),
    maxFileBytes: z.int(),
    maxBytesPerSecond: z.int().nullable(),
    totalBytes: z.int(),
  }),
  /** The FTP account of this run: a nonce, not a secret. The same user name is the SMB share account's. */
  account: z.strictObject({ user: z.string(), password: z.string() }),
  executions: z.array(plannedExecutionSchema),
  /** What the lab names and this plan does not use, and why: nothing is left out in silence. */
  leftOut: z.array(z.strictObject({ what: z.string(), why: z.string() })),
});
export type Plan = z.infer<typeof planSchema>;
