import { z } from 'zod';
import { legs } from '../config/index.js';

const time = z.iso.datetime();
const failure = z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() });

/**
 * `telemetry/collection.json`: what was asked, of whom, and who did not answer. Verification reads it, so that a source which
 * could not be read is unknown and never missing. A telemetry folder without this file is taken as fully read.
 */
export const collectionSchema = z.strictObject({
  schema: z.literal('dyetrace.collection/1'),
  window: z.strictObject({ from: time, until: time }),
  collectedAt: time,
  siem: z.array(
    z.strictObject({
      source: z.string(),
      legs: z.array(z.enum(legs)),
      records: z.int(),
      error: failure.nullable(),
      query: z.string(),
    }),
  ),
  host: z.array(
    z.strictObject({
      host: z.string(),
      channel: z.string(),
      records: z.int(),
      error: failure.nullable(),
      query: z.string(),
    }),
  ),
  alerts: z.strictObject({ records: z.int(), error: failure.nullable(), query: z.string() }),
  /** null: the SIEM does not show its rules. */
  rules: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        enabled: z.boolean(),
        excludesPrivateAddresses: z.boolean().nullable(),
        largeTransferBytes: z.number().nullable(),
        dataFlowDirectionThreshold: z.number().nullable(),
        lookBackMs: z.number().nullable(),
      }),
    )
    .nullable(),
});
export type Collection = z.infer<typeof collectionSchema>;
