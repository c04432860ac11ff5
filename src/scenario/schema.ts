import { z } from 'zod';
import { bytes, duration, initiators, legs, protocols } from '../config/index.js';

export const attributionGrades = ['direct', 'lineage', 'inferred', 'none'] as const;
export type AttributionGrade = (typeof attributionGrades)[number];

export const expectedOutcomes = ['alerted', 'logged', 'blocked', 'not_alerted'] as const;
export type ExpectedOutcome = (typeof expectedOutcomes)[number];

export const profileNames = ['large', 'unbalanced', 'tiny', 'archive-name'] as const;
export type ProfileName = (typeof profileNames)[number];

const stagedFileSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tracer') }).describe('the tracer itself: {tracer}'),
  z
    .strictObject({ kind: z.literal('script'), file: z.string().regex(/^scripts\/[A-Za-z0-9.-]+\.ps1$/) })
    .describe('a PowerShell script of this library: {script}'),
  z.strictObject({ kind: z.literal('dll') }).describe('the tracer DLL: {dll}'),
  z
    .strictObject({
      kind: z.literal('text'),
      extension: z.string().regex(/^[a-z0-9]{1,3}$/),
      content: z.string().min(1),
    })
    .describe('a text file, for example a command script of ftp.exe: {text}. Placeholders are filled in'),
]);

/**
 * One command. Either a program with its arguments, quoted for the shell that is there, or the command line of an inner
 * cmd.exe (started as `cmd.exe /d /c "<cmd>"`), which is then an initiator of its own below the runner's shell.
 */
const stepSchema = z.union([
  z.strictObject({
    program: z.string().min(1),
    args: z.array(z.string()).default([]),
    stdin: z
      .literal('share-password')
      .optional()
      .describe('the SMB share account of the lab, by standard input'),
    timeout: duration.prefault('1 min'),
  }),
  z.strictObject({
    cmd: z.string().min(1),
    stdin: z.literal('share-password').optional(),
    timeout: duration.prefault('1 min'),
  }),
]);

const prerequisiteSchema = z.strictObject({
  id: z.string().min(1),
  text: z.string().min(1),
  check: z.string().min(1).describe('command whose exit code 0 means that it is there'),
  remedy: z.string().min(1),
});

/** A scenario file: one way to transfer a tracer. Unknown keys are errors. */
export const scenarioSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  description: z.string().min(1),
  initiator: z
    .enum([...initiators, 'other'])
    .describe('"other": a control whose process the filter does not name'),
  protocol: z.enum(protocols),
  variant: z.string().min(1),
  control: z.boolean().default(false).describe('must not be detected'),
  technique: z.literal('T1071.002').default('T1071.002'),
  analytic: z.literal('AN1169').default('AN1169'),
  tags: z.array(z.string().min(1)).default([]),
  minimumWindows: z.string().default('10'),
  direction: z.enum(['upload', 'download']).default('upload'),
  profiles: z
    .array(z.enum(profileNames))
    .min(1)
    .describe('volume profiles that fit; the first is the default'),
  size: bytes.optional().describe("bytes of the tracer; absent: the profile's"),
  stage: z.array(stagedFileSchema),
  steps: z.array(stepSchema).min(1),
  prerequisites: z.array(prerequisiteSchema).default([]),
  expect: z.strictObject({
    outcome: z.enum(expectedOutcomes),
    attribution: z.enum(attributionGrades),
    socketOwner: z.string().min(1).describe('image that owns the data socket in Sysmon 3'),
    sockets: z
      .array(
        z.strictObject({
          role: z.enum(['control', 'data', 'request', 'transfer']),
          transport: z.enum(['tcp', 'udp']),
          openedBy: z.enum(['client', 'sink']),
        }),
      )
      .min(1),
    legs: z.array(z.enum(legs)).min(1).describe('legs that a well-equipped SIEM shows'),
  }),
  cleanup: z
    .array(z.string().min(1))
    .default([])
    .describe('commands that undo what the steps leave; staged files go by themselves'),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioStep = Scenario['steps'][number];
export type StagedFileSpec = Scenario['stage'][number];
