import { isIP } from 'node:net';
import { z } from 'zod';
import { approvedTransferSchema, incidentRuleSchema, parametersSchema } from './parameters.js';
import { builtInSuites, suiteSchema, type Suite } from './suites.js';
import { protocols, shells } from './types.js';
import { bytes, duration } from './units.js';

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected lower-case letters, digits and hyphens, 32 at most');
const port = z.int().min(1).max(65535);
const address = z.string().min(1).describe('IP address or name; a name is resolved once, before planning');
const ip = z.string().refine((text) => isIP(text) !== 0, 'expected an IP address');
const secretReference = z
  .string()
  .regex(
    /^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/,
    'expected env:NAME or file:PATH; a secret never stands in the file itself',
  );
const time = z.iso.datetime({ offset: true });

const hostSchema = z.strictObject({
  id,
  name: z.string().min(1).describe("the host's own name, as its telemetry says it"),
  aliases: z
    .array(z.string().min(1))
    .default([])
    .describe('other names and addresses that telemetry may use'),
  address,
  role: z.string().min(1).default('workstation').describe('workstation, server, …: a dimension of coverage'),
  shell: z.enum(shells).default('cmd').describe('DefaultShell of the SSH server; run checks it'),
  workDir: z.string().min(1).default('C:\\Dyetrace').describe('where files are staged'),
  marker: z
    .string()
    .min(1)
    .default('C:\\ProgramData\\Dyetrace\\lab.txt')
    .describe('lab marker file; its content names the lab'),
  scenarios: z
    .array(z.string().min(1))
    .default(['*'])
    .describe('which scenarios run here, as globs on their ids'),
  executor: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('ssh'),
        port: port.default(22),
        user: z.string().min(1),
        hostKey: z
          .string()
          .regex(
            /^SHA256:[A-Za-z0-9+/]{43}=?$/,
            'expected the fingerprint as ssh-keygen -l prints it, SHA256:…',
          )
          .describe('fingerprint of the host key; dyetrace doctor --show-host-key shows it'),
        key: secretReference.optional().describe('private key'),
        passphrase: secretReference.optional(),
        password: secretReference.optional(),
        agent: z
          .string()
          .optional()
          .describe('socket or pipe of an SSH agent; "env:SSH_AUTH_SOCK" names the usual one'),
        connectTimeout: duration.prefault('10 s'),
      }),
      z.strictObject({ kind: z.literal('local') }),
    ])
    .describe('how commands reach the host'),
});

const sinkFields = z.strictObject({
  id,
  protocol: z.enum(protocols),
  address: ip.describe('the lab address that the sink binds; never a wildcard'),
  port: port.describe('21, 69 and 445 where they can be bound'),
  zone: z
    .string()
    .min(1)
    .default('lab')
    .describe('where this sink stands for: internal, partner, internet, …'),
  passivePorts: z
    .tuple([port, port])
    .optional()
    .describe('FTP: range of the passive data ports; absent: any free one'),
  share: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,12}$/)
    .default('drop')
    .describe('SMB: name of the share'),
  password: secretReference
    .optional()
    .describe("SMB: password of the share's own lab account; absent: one made for the run"),
  tls: z
    .strictObject({ certificate: z.string().min(1), key: z.string().min(1) })
    .optional()
    .describe('FTP: offers AUTH TLS with this certificate and key (PEM files); plain FTP is still taken'),
  encrypt: z
    .literal('required')
    .optional()
    .describe('SMB: takes encrypted connections alone (Samba: server smb encrypt = required)'),
});

const sinkSchema = sinkFields
  .refine((sink) => sink.tls === undefined || sink.protocol === 'ftp', {
    path: ['tls'],
    message: 'only an FTP sink offers AUTH TLS',
  })
  .refine((sink) => sink.encrypt === undefined || sink.protocol === 'smb', {
    path: ['encrypt'],
    message: 'only an SMB sink can require encryption',
  });

const siemSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('embedded'),
    ruleInterval: duration.prefault('2 s').describe('how often the alert rule runs'),
  }),
  z
    .strictObject({
      kind: z.literal('files'),
      folder: z.string().min(1).describe('folder into which the records of the run are exported'),
    })
    .describe('records that somebody exports from the SIEM into a folder'),
]);

/** `lab.yaml`: hosts, sinks, SIEM, scope, authorisation, parameters. Unknown keys are errors. */
export const labSchema = z.strictObject({
  lab: z.strictObject({
    name: id.describe('what the lab marker file on each host must name'),
    contact: z.string().min(1).describe('whom to ask; stands in every tracer'),
  }),
  authorisation: z
    .strictObject({
      by: z.string().min(1).describe('who allowed the test'),
      until: time.describe('after this nothing runs'),
      reference: z.string().optional().describe('ticket or document'),
    })
    .describe('who allowed this, and until when'),
  scope: z
    .strictObject({
      hosts: z.array(id).default([]).describe('ids of the hosts that may be used'),
      sinks: z
        .array(z.strictObject({ address: ip, ports: z.array(port).min(1) }))
        .default([])
        .describe('address and ports that may receive'),
      protocols: z.array(z.enum(protocols)).default([]),
      maxTotalBytes: bytes.prefault('1 GiB').describe('over a whole run'),
      maxFileBytes: bytes.prefault('100 MiB').describe('of one tracer'),
      maxBytesPerSecond: bytes.optional().describe('rate at which a sink takes data'),
      window: z
        .strictObject({ from: z.string().regex(/^\d\d:\d\d$/), until: z.string().regex(/^\d\d:\d\d$/) })
        .optional()
        .describe('time of day, UTC, in which runs may start'),
    })
    .describe('default-deny: what is not named here is never touched'),
  hosts: z.array(hostSchema).min(1),
  sinks: z.array(sinkSchema).min(1),
  siem: siemSchema,
  collect: z
    .strictObject({
      deadline: duration.prefault('2 min').describe('how long telemetry and alerts are waited for'),
      hostChannels: z.boolean().default(true).describe("read the hosts' own event channels"),
    })
    .prefault({}),
  parameters: parametersSchema.prefault({}),
  slow: z
    .strictObject({
      pieces: z.int().min(2).max(99).default(12).describe('tracers of one execution'),
      window: duration.prefault('10 min').describe('time from the first piece to the last'),
    })
    .prefault({})
    .describe('the volume profile slow'),
  suites: z
    .record(id, suiteSchema)
    .default({})
    .transform((own): Readonly<Record<string, Suite>> => ({ ...builtInSuites, ...own }))
    .describe('named selections for --suite; smoke, full and quiet are there and may be replaced'),
  approvedTransfers: z.array(approvedTransferSchema).default([]),
  incidentRules: z.array(incidentRuleSchema).default([]),
});

export type Lab = z.output<typeof labSchema>;
export type LabInput = z.input<typeof labSchema>;
export type LabHost = Lab['hosts'][number];
export type LabSink = Lab['sinks'][number];
export type LabSiem = Lab['siem'];
export type SshSettings = Extract<LabHost['executor'], { kind: 'ssh' }>;

/** A lab whose names have been resolved: every `address` is an IP address in canonical form. */
export type ResolvedLab = Lab & { readonly resolved: true };
