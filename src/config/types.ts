/** Names that the whole project shares. */
export const protocols = ['ftp', 'smb', 'tftp'] as const;
export type Protocol = (typeof protocols)[number];

export const initiators = ['powershell', 'cmd', 'rundll32'] as const;
export type Initiator = (typeof initiators)[number];

/** DefaultShell of the host's SSH server: decides the quoting. */
export const shells = ['cmd', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** AN1169's telemetry legs (docs/architecture.md). */
export const legs = [
  'process_creation',
  'network_connection',
  'protocol_log',
  'flow_volume',
  'gateway_log',
] as const;
export type Leg = (typeof legs)[number];
