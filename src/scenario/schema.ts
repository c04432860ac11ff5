import { z } from 'zod';
import { bytes, duration, initiators, legs, protocols } from '../config/index.js';

export const attributionGrades = ['direct', 'lineage', 'inferred', 'none'] as const;
export type AttributionGrade = (typeof attributionGrades)[number];

export const expectedOutcomes = ['alerted', 'logged', 'blocked', 'not_alerted'] as const;
export type ExpectedOutcome = (typeof expectedOutcomes)[number];

export const profileNames = ['large', 'unbalanced', 'slow', 'tiny', 'archive-name'] as const;
export type ProfileName = (typeof profileNames)[number];

/** Text that is written once for each piece of a slow execution, with {piece} and {pieceFile}; it goes where {pieces} stands. */
const pieceFields = {
  each: z.string().min(1).optional().describe('what {pieces} stands for, once for each piece'),
  between: z.string().default('').describe('what stands between the pieces'),
};

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
      ...pieceFields,
    })
    .describe('a text file, for example a command script of ftp.exe: {text}. Placeholders are filled in'),
]);

/**
 * One command. Either a program with its arguments, quoted for the shell that is there, or the command line of an inner
 * cmd.exe (started as `cmd.exe /d /c "<cmd>"`), which is then an initiator of its own below the runner's shell.
 */
const stepFields = {
  stdin: z
    .literal('share-password')
    .optional()
    .describe('the SMB share account of the lab, by standard input'),
  timeout: duration.prefault('1 min'),
  successExitCodes: z
    .array(z.int().nonnegative())
    .min(1)
    .default([0])
    .describe('exit codes after which the next step runs; robocopy says 1 where it copied'),
  ...pieceFields,
};

const stepSchema = z.union([
  z.strictObject({
    program: z.string().min(1),
    args: z.array(z.string()).default([]),
    encoded: z
      .strictObject({
        script: z.string().min(1),
        args: z.array(z.string()).default([]).describe('-Name and value by turns'),
      })
      .optional()
      .describe('PowerShell: a loader of the staged script, by -EncodedCommand after args'),
    ...stepFields,
  }),
  z.strictObject({ cmd: z.string().min(1), ...stepFields }),
]);

const prerequisiteSchema = z.strictObject({
  id: z.string().min(1),
  text: z.string().min(1),
  check: z.string().min(1).describe('command whose exit code 0 means that it is there'),
  remedy: z.string().min(1),
});

/** What may stop the transfer before it arrives: then the outcome is `blocked`, and a record says who did it. */
const blockerSchema = z.strictObject({
  by: z.enum(['defender', 'firewall', 'policy', 'share']),
  text: z.string().min(1),
  evidence: z.string().min(1).describe('the record that tells'),
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
  references: z.array(z.url()).default([]).describe("pages of the tools' vendors, beside ATT&CK's own"),
  tags: z.array(z.string().min(1)).default([]),
  minimumWindows: z.string().min(1).describe('oldest Windows on which every step works'),
  direction: z.enum(['upload', 'download']).default('upload'),
  profiles: z
    .array(z.enum(profileNames))
    .min(1)
    .describe('volume profiles that fit; the first is the default'),
  size: bytes.optional().describe("bytes of the tracer; absent: the profile's"),
  maxBytes: bytes
    .optional()
    .describe('largest file that this way can carry; TFTP has 65,535 blocks, the last one short'),
  serverNames: z.boolean().default(false).describe('the server chooses the name of the file (STOU)'),
  sink: z
    .strictObject({
      tls: z.boolean().default(false).describe('FTP: the sink must offer AUTH TLS'),
      encrypted: z.boolean().default(false).describe('SMB: the sink must require encryption'),
      approved: z
        .boolean()
        .default(false)
        .describe('the sink must be a destination of an approved transfer of lab.yaml'),
    })
    .prefault({}),
  stage: z.array(stagedFileSchema),
  steps: z.array(stepSchema).min(1),
  slow: z
    .strictObject({
      stage: z.array(stagedFileSchema).optional(),
      steps: z.array(stepSchema).min(1).optional(),
    })
    .default({})
    .describe('what differs where several pieces are moved'),
  prerequisites: z.array(prerequisiteSchema).default([]),
  expect: z.strictObject({
    outcome: z.enum(expectedOutcomes),
    byProfile: z
      .partialRecord(z.enum(profileNames), z.enum(expectedOutcomes))
      .default({})
      .describe('where a volume profile changes the outcome'),
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
    notObservable: z
      .array(z.enum(legs))
      .default([])
      .describe('legs that encryption hides from everybody; the server alone could tell'),
  }),
  detached: z
    .boolean()
    .default(false)
    .describe('the commands return before the transfer ends (ShellExec_RunDLL)'),
  cleanup: z
    .array(z.string().min(1))
    .default([])
    .describe('commands that undo what the steps leave; staged files go by themselves'),
  idempotence: z.string().min(1).describe('what a second run of the same steps does'),
  blockedBy: z.array(blockerSchema).default([]).describe('what Defender, the firewall or a policy may do'),
});

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioStep = Scenario['steps'][number];
export type StagedFileSpec = Scenario['stage'][number];
