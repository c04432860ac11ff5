/** What the manifests of the providers say about their events: the System part that is the same for each event of a kind. */
export interface EventDescription {
  readonly channel: string;
  readonly providerGuid: string;
  readonly version: number;
  /** 4 information, 5 verbose, 3 warning, 0 log always (audit). */
  readonly level: number;
  readonly task: number;
  readonly taskName: string;
  readonly opcode: number;
  readonly opcodeName: string;
  readonly keywords: string;
  /** First line of the message. */
  readonly title: string;
}

export const sysmonChannel = 'Microsoft-Windows-Sysmon/Operational';
export const securityChannel = 'Security';
export const powershellChannel = 'Microsoft-Windows-PowerShell/Operational';
export const defenderChannel = 'Microsoft-Windows-Windows Defender/Operational';

export const sysmonProvider = 'Microsoft-Windows-Sysmon';
export const securityProvider = 'Microsoft-Windows-Security-Auditing';
export const powershellProvider = 'Microsoft-Windows-PowerShell';
export const defenderProvider = 'Microsoft-Windows-Windows Defender';

/** The channels that the simulated host has. */
export const channels = [sysmonChannel, securityChannel, powershellChannel, defenderChannel];

const sysmon = (task: number, version: number, taskName: string, title: string): EventDescription => ({
  channel: sysmonChannel,
  providerGuid: '{5770385f-c22a-43e0-bf4c-06f5698ffbd9}',
  version,
  level: 4,
  task,
  taskName,
  opcode: 0,
  opcodeName: 'Info',
  keywords: '0x8000000000000000',
  title,
});

const audit = (
  task: number,
  version: number,
  taskName: string,
  title: string,
  keywords = '0x8020000000000000',
): EventDescription => ({
  channel: securityChannel,
  providerGuid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
  version,
  level: 0,
  task,
  taskName,
  opcode: 0,
  opcodeName: 'Info',
  keywords,
  title,
});

const powershell = {
  channel: powershellChannel,
  providerGuid: '{a0c1853b-5c40-4b15-8766-3cf1c58f985a}',
  version: 1,
  keywords: '0x0',
} as const;

const defender = {
  channel: defenderChannel,
  providerGuid: '{11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78}',
  version: 0,
  level: 3,
  task: 0,
  taskName: '',
  opcode: 0,
  opcodeName: 'Info',
  keywords: '0x8000000000000000',
} as const;

const filtering = 'Filtering Platform Connection';

/** By `provider/event id`. Versions, tasks and keywords as in the providers' manifests (`wevtutil gp <provider> /ge`). */
const descriptions = new Map<string, EventDescription>([
  [`${sysmonProvider}/1`, sysmon(1, 5, 'Process Create (rule: ProcessCreate)', 'Process Create:')],
  [
    `${sysmonProvider}/3`,
    sysmon(3, 5, 'Network connection detected (rule: NetworkConnect)', 'Network connection detected:'),
  ],
  [`${sysmonProvider}/5`, sysmon(5, 3, 'Process terminated (rule: ProcessTerminate)', 'Process terminated:')],
  [`${sysmonProvider}/11`, sysmon(11, 2, 'File created (rule: FileCreate)', 'File created:')],
  [`${sysmonProvider}/22`, sysmon(22, 5, 'Dns query (rule: DnsQuery)', 'Dns query:')],
  [`${securityProvider}/4688`, audit(13312, 2, 'Process Creation', 'A new process has been created.')],
  [`${securityProvider}/4689`, audit(13313, 0, 'Process Termination', 'A process has exited.')],
  [
    `${securityProvider}/5156`,
    audit(12810, 1, filtering, 'The Windows Filtering Platform has permitted a connection.'),
  ],
  [
    `${securityProvider}/5157`,
    audit(
      12810,
      1,
      filtering,
      'The Windows Filtering Platform has blocked a connection.',
      '0x8010000000000000',
    ),
  ],
  [
    `${powershellProvider}/4103`,
    {
      ...powershell,
      level: 4,
      task: 106,
      taskName: 'Executing Pipeline',
      opcode: 20,
      opcodeName: 'To be used when operation is just executing a method',
      title: 'Executing Pipeline',
    },
  ],
  [
    `${powershellProvider}/4104`,
    {
      ...powershell,
      level: 5,
      task: 2,
      taskName: 'Execute a Remote Command',
      opcode: 15,
      opcodeName: 'On create calls',
      title: 'Creating Scriptblock text',
    },
  ],
  [
    `${defenderProvider}/1116`,
    {
      ...defender,
      title: 'Microsoft Defender Antivirus has detected malware or other potentially unwanted software.',
    },
  ],
]);

/** @throws RangeError for an event that no sensor here writes. */
export function describeEvent(provider: string, eventId: number): EventDescription {
  const description = descriptions.get(`${provider}/${eventId}`);
  if (description === undefined) throw new RangeError(`no manifest for ${provider} ${eventId}`);
  return description;
}
