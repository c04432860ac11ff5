import { z } from 'zod';

const time = z.iso.datetime();

/** What a run does to the world. Each kind knows how it is undone (clean-up reads the journal backwards). */
export const effectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('make-directory'), host: z.string(), path: z.string() }),
  z.strictObject({ kind: z.literal('stage'), host: z.string(), path: z.string() }),
  z.strictObject({
    kind: z.literal('command'),
    host: z.string(),
    commandLine: z.string(),
    marker: z.string(),
  }),
  z.strictObject({ kind: z.literal('undo-command'), host: z.string(), commandLine: z.string() }),
  /** A sink: its state directory on the control host, and the server process that it may have started there. */
  z.strictObject({ kind: z.literal('sink'), sink: z.string(), directory: z.string() }),
  /** A simulated host's state directory on the control host. */
  z.strictObject({ kind: z.literal('local-directory'), path: z.string() }),
]);
export type Effect = z.infer<typeof effectSchema>;

/** The executor's record of a command, as the journal keeps it. */
export const commandRecordSchema = z.strictObject({
  exitCode: z.int().nullable(),
  ended: z.enum(['exit', 'timeout', 'aborted', 'lost']),
  startedAt: time,
  endedAt: time,
  pid: z.int().nullable(),
  /** Cut at 4 KiB. */
  stdout: z.string(),
  stderr: z.string(),
});
export type CommandRecord = z.infer<typeof commandRecordSchema>;

/** One line of journal.ndjson. The intent is on disk before the effect; done and undone follow it. */
export const journalLineSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('intent'),
    id: z.int(),
    at: time,
    execution: z.string().nullable(),
    effect: effectSchema,
  }),
  z.strictObject({
    state: z.literal('done'),
    id: z.int(),
    at: time,
    command: commandRecordSchema.nullable(),
  }),
  z.strictObject({
    state: z.literal('failed'),
    id: z.int(),
    at: time,
    error: z.strictObject({ code: z.string(), message: z.string(), remedy: z.string().nullable() }),
  }),
  z.strictObject({ state: z.literal('undone'), id: z.int(), at: time }),
  z.strictObject({ state: z.literal('left'), id: z.int(), at: time, why: z.string() }),
  /** Brackets of an execution, and of the run's own clean-up. */
  z.strictObject({ state: z.literal('execution-started'), at: time, execution: z.string() }),
  z.strictObject({
    state: z.literal('execution-ended'),
    at: time,
    execution: z.string(),
    error: z
      .strictObject({ code: z.string(), message: z.string(), remedy: z.string().nullable() })
      .nullable(),
  }),
]);
export type JournalLine = z.infer<typeof journalLineSchema>;
