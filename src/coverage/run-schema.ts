import { z } from 'zod';
import { initiators, legs, parametersSchema, protocols } from '../config/index.js';
import {
  alertSchema,
  errorEntrySchema,
  executionResultSchema,
  legStates,
  outcomes,
} from '../verify/index.js';

const time = z.iso.datetime();
const rate = z.strictObject({ count: z.int(), of: z.int() });

/** Counts over executions. `of` leaves out errors: what could not be judged is in no rate. */
export const coverageSchema = z.strictObject({
  /** Uploads (not controls), by outcome. */
  outcomes: z.strictObject(
    Object.fromEntries(outcomes.map((name) => [name, rate])) as Record<
      (typeof outcomes)[number],
      typeof rate
    >,
  ),
  /** Legs in state seen, of those expected and observable. */
  legs: z.strictObject(
    Object.fromEntries(legs.map((name) => [name, rate])) as Record<(typeof legs)[number], typeof rate>,
  ),
  /** Controls that stayed silent. */
  controls: rate,
  /** Executions whose expectation was met. */
  met: rate,
  /** Executions in error: in no denominator above. */
  errors: z.int(),
  matrix: z.array(
    z.strictObject({
      initiator: z.enum([...initiators, 'other']),
      protocol: z.enum(protocols),
      hostRole: z.string(),
      /** null: not tested. The weakest outcome where a cell holds several executions. */
      outcome: z.enum(outcomes).nullable(),
      executions: z.array(z.string()),
      legs: z
        .strictObject(
          Object.fromEntries(legs.map((name) => [name, z.enum(legStates)])) as Record<
            (typeof legs)[number],
            z.ZodEnum<{ [State in (typeof legStates)[number]]: State }>
          >,
        )
        .nullable(),
    }),
  ),
});
export type Coverage = z.infer<typeof coverageSchema>;

/** Gaps of one cause over all executions, the most valuable first. */
export const findingSchema = z.strictObject({
  cause: z.string(),
  title: z.string(),
  link: z.string(),
  legs: z.array(z.enum(legs)),
  executions: z.array(z.string()),
  /** Executions that would meet their expectation or gain a leg, were this mended. */
  gain: z.int(),
  remedy: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

/** `run.json`: the result of a run, `dyetrace.run/1`. */
export const runResultSchema = z.strictObject({
  schema: z.literal('dyetrace.run/1'),
  run: z.strictObject({
    id: z.string(),
    startedAt: time,
    endedAt: time,
    lab: z.string(),
    simulated: z.boolean(),
    seed: z.string(),
    version: z.string(),
    /** True where the run was stopped by a signal: what did not run is not judged. */
    interrupted: z.boolean(),
    /** Faults that the simulated lab was given, by name. */
    faults: z.array(z.string()),
  }),
  parameters: parametersSchema,
  executions: z.array(executionResultSchema),
  alerts: z.array(alertSchema.extend({ execution: z.string().nullable() })),
  coverage: coverageSchema,
  findings: z.array(findingSchema),
  clockSkew: z.array(
    z.strictObject({ host: z.string(), ms: z.int().nullable(), uncertaintyMs: z.int().nullable() }),
  ),
  /** Alerts that no upload of this run explains: controls and background. */
  falsePositives: z.array(
    alertSchema.extend({
      host: z.string().nullable(),
      process: z.string().nullable(),
      execution: z.string().nullable(),
    }),
  ),
  telemetry: z.array(
    z.strictObject({
      from: z.enum(['siem', 'host']),
      source: z.string(),
      records: z.int(),
      rejected: z.int(),
      error: z.string().nullable(),
    }),
  ),
  cleanup: z.strictObject({
    done: z.int(),
    left: z.array(z.strictObject({ what: z.string(), where: z.string(), why: z.string() })),
  }),
  errors: z.array(errorEntrySchema),
});
export type RunResult = z.infer<typeof runResultSchema>;
