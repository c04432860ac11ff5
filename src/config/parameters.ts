import { z } from 'zod';
import { bytes, duration } from './units.js';

/**
 * AN1169's parameters. The first three are ATT&CK's mutable elements (ProcessImageFilter, DataFlowDirectionThreshold,
 * FilenamePattern); the others are ours. Every default says its reason.
 */
export const parametersSchema = z.strictObject({
  /** Initiators, by file name; OriginalFileName counts as well. ATT&CK's text names these three. */
  processImageFilter: z
    .array(z.string().min(1))
    .default(['powershell.exe', 'cmd.exe', 'rundll32.exe'])
    .describe('ProcessImageFilter: image names of suspicious initiators'),
  /** Outbound share, out ÷ (out + in). 0.9 is the example in ATT&CK's object. */
  dataFlowDirectionThreshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.9)
    .describe('DataFlowDirectionThreshold: outbound share'),
  /** Regular expressions (RE2, case-insensitive) on the file name: archives, and names that look like a hash. */
  filenamePattern: z
    .array(z.string().min(1))
    .default(['\\.(zip|rar)$', '^[0-9a-f]{16,}(\\.|$)'])
    .describe('FilenamePattern: regular expressions on the file name'),
  /** 10 MiB: above what scripts and configuration weigh, below what data theft needs. */
  largeTransferBytes: bytes.prefault('10 MiB').describe('outbound bytes from which a transfer is large'),
  /** 10 KiB: below it the share says little; a 39-byte upload is 65 % outbound. */
  minimumBytes: bytes.prefault('10 KiB').describe('outbound bytes from which the share counts'),
  /** 4: enough for cmd → powershell → cmd → curl, short of the session's own shell. */
  lineageGenerations: z
    .int()
    .min(0)
    .max(32)
    .default(4)
    .describe('ancestors that are searched for an initiator'),
  /**
   * sshd.exe: a shell that a remote-login service started is the session's own and the ancestor of everything in it. It is no
   * initiator by lineage or inference; where it owns the socket itself it still is.
   */
  sessionParents: z
    .array(z.string().min(1))
    .default(['sshd.exe'])
    .describe('images whose child shells are the session itself, never an initiator of what runs in it'),
  /** 5 min: an inferred tie between a command line and a connection must be this close. */
  sessionWindow: duration.prefault('5 min').describe('how far apart the parts of one transfer may be'),
  /** 1 h: low and slow uploads are summed over it. */
  aggregationWindow: duration.prefault('1 h').describe('window over which small transfers are summed'),
  /** Ports by protocol. A lab whose sinks listen elsewhere adds its own. */
  protocolPorts: z
    .strictObject({
      ftp: z.array(z.int().min(1).max(65535)).default([21, 990]),
      smb: z.array(z.int().min(1).max(65535)).default([445, 139]),
      tftp: z.array(z.int().min(1).max(65535)).default([69]),
    })
    .prefault({})
    .describe('server ports by protocol'),
});

/** AN1169's parameters as the analytic takes them. Bytes are integers, durations milliseconds. */
export type Parameters = z.output<typeof parametersSchema>;

export const defaultParameters: Parameters = parametersSchema.parse({});

/** A documented transfer: reported with no severity, never alerted. */
export const approvedTransferSchema = z.strictObject({
  id: z.string().min(1),
  description: z.string().optional(),
  owner: z.string().min(1).describe('who answers for it'),
  protocol: z.enum(['ftp', 'smb', 'tftp']),
  destination: z.string().min(1).describe('address of the receiver'),
  hosts: z.array(z.string().min(1)).optional().describe('host names; absent: any'),
  process: z.string().min(1).optional().describe('image name of the initiator; absent: any'),
  maxBytes: bytes.optional().describe('larger transfers are not covered'),
});
export type ApprovedTransfer = z.output<typeof approvedTransferSchema>;

/** The lab's own incident categories: the first rule whose conditions all hold gives the category. */
export const incidentRuleSchema = z.strictObject({
  category: z.string().min(1),
  zone: z.string().optional().describe("the sink's zone"),
  protocol: z.enum(['ftp', 'smb', 'tftp']).optional(),
  hostRole: z.string().optional(),
});
export type IncidentRule = z.output<typeof incidentRuleSchema>;
