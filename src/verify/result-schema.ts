import { z } from 'zod';
import { links } from '../causes/index.js';
import { initiators, legs, protocols } from '../config/index.js';
import { attributionGrades, expectedOutcomes } from '../scenario/index.js';
import { receiptSchema } from '../sinks/index.js';

const time = z.iso.datetime();

export const outcomes = ['blocked', 'alerted', 'logged', 'none', 'error'] as const;
export type Outcome = (typeof outcomes)[number];

export type { Link } from '../causes/index.js';

export const legStates = [
  'seen',
  'partial',
  'missing',
  'not_observable',
  'not_applicable',
  'unknown',
] as const;

export const legResultSchema = z.strictObject({
  state: z.enum(legStates),
  /** Ids of SIEM records (event.id). */
  evidence: z.array(z.string()),
  missingFields: z.array(z.string()),
  /** From the fact to the SIEM: event.ingested, else null. Milliseconds. */
  delayMs: z.int().nullable(),
  /** How the evidence was tied to the execution: entity_id, pid, community_id, 5-tuple, file_name, time. */
  via: z.string().nullable(),
  /** In one sentence, for a reader. */
  text: z.string(),
});
export type LegResult = z.infer<typeof legResultSchema>;

export const chainEntrySchema = z.strictObject({
  link: z.enum(links),
  state: z.enum(['ok', 'broken', 'unknown', 'not-applicable']),
  /** The legs on which it broke, or that it speaks of. */
  legs: z.array(z.enum(legs)),
  cause: z.string().nullable(),
  evidence: z.array(z.string()),
  text: z.string(),
});
export type ChainEntry = z.infer<typeof chainEntrySchema>;

export const gapSchema = z.strictObject({
  link: z.enum(links),
  leg: z.enum(legs).nullable(),
  /** Stable code of the catalogue in causes/. */
  cause: z.string(),
  text: z.string(),
  remedy: z.string(),
});
export type Gap = z.infer<typeof gapSchema>;

export const alertSchema = z.strictObject({
  id: z.string(),
  rule: z.string(),
  at: time.nullable(),
  severity: z.string().nullable(),
  category: z.string().nullable(),
});

export const errorEntrySchema = z.strictObject({
  where: z.string(),
  code: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
});
export type ErrorEntry = z.infer<typeof errorEntrySchema>;

export const executionResultSchema = z.strictObject({
  id: z.string(),
  scenario: z.string(),
  initiator: z.enum([...initiators, 'other']),
  protocol: z.enum(protocols),
  variant: z.string(),
  profile: z.string(),
  control: z.boolean(),
  host: z.strictObject({ id: z.string(), name: z.string(), role: z.string() }),
  sink: z.strictObject({ id: z.string(), address: z.string(), port: z.int() }),
  commandLine: z.string(),
  pid: z.int().nullable(),
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  exitCode: z.int().nullable(),
  outcome: z.enum(outcomes),
  expected: z.enum(expectedOutcomes),
  met: z.boolean(),
  receipts: z.array(receiptSchema),
  legs: z.strictObject(
    Object.fromEntries(legs.map((leg) => [leg, legResultSchema])) as Record<
      (typeof legs)[number],
      typeof legResultSchema
    >,
  ),
  attribution: z.strictObject({
    grade: z.enum(attributionGrades),
    expectedGrade: z.enum(attributionGrades),
    socketOwner: z.strictObject({ executable: z.string(), pid: z.int().nullable() }).nullable(),
    via: z.string().nullable(),
  }),
  /** Bytes are transport payload sent by the monitored host over all sockets of the transfer. */
  volume: z.strictObject({
    grade: z.enum(['measured', 'partial', 'absent']),
    bytesOut: z.int().nullable(),
    truth: z.int().nullable(),
    errorPercent: z.number().nullable(),
  }),
  chain: z.array(chainEntrySchema),
  alerts: z.array(alertSchema),
  gaps: z.array(gapSchema),
  timeToTelemetryMs: z.int().nullable(),
  timeToAlertMs: z.int().nullable(),
  incidentCategory: z.string().nullable(),
  errors: z.array(errorEntrySchema),
});
export type ExecutionResult = z.infer<typeof executionResultSchema>;
