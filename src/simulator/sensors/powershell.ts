import { createHash } from 'node:crypto';
import type { Activity, SimulatedProcess } from '../activity.js';
import { powershellVersion } from '../host/version.js';
import type { EventDraft, SensorHost } from './draft.js';
import {
  defenderChannel,
  defenderProvider,
  powershellChannel,
  powershellProvider,
} from './event-manifest.js';
import { logonOf } from './logon.js';

/** A GUID that depends on the text alone, without braces. */
function guid(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

function draft(
  host: SensorHost,
  eventId: number,
  activity: { readonly at: number; readonly process: SimulatedProcess },
  data: Record<string, string>,
): EventDraft {
  return {
    channel: powershellChannel,
    provider: powershellProvider,
    eventId,
    at: activity.at,
    execution: { processId: activity.process.pid, threadId: activity.process.pid + 2 },
    userId: logonOf(host.computer, activity.process).sid,
    data,
  };
}

// The engine cuts script blocks of 20,000 characters and more into parts of 10,000 to 20,000 (CompiledScriptBlock.cs).
const wholeLimit = 20_000;
const partLength = 10_000;

function parts(text: string): string[] {
  if (text.length < wholeLimit) return [text];
  return Array.from({ length: Math.ceil(text.length / partLength) }, (_, index) =>
    text.slice(index * partLength, (index + 1) * partLength),
  );
}

function scriptBlock(host: SensorHost, activity: Extract<Activity, { kind: 'script-block' }>): EventDraft[] {
  const messages = parts(activity.text);
  const id = guid(`${activity.process.guid}\n${activity.at}\n${activity.text}`);
  return messages.map((text, index) =>
    draft(host, 4104, activity, {
      MessageNumber: String(index + 1),
      MessageTotal: String(messages.length),
      ScriptBlockText: text,
      ScriptBlockId: id,
      Path: activity.path ?? '',
    }),
  );
}

const engineVersion = powershellVersion;

function contextInfo(activity: Extract<Activity, { kind: 'module-logged' }>, sequence: number): string {
  const { process } = activity;
  const lines: readonly (readonly [string, string])[] = [
    ['Severity', 'Informational'],
    ['Host Name', 'ConsoleHost'],
    ['Host Version', engineVersion],
    ['Host ID', guid(`host\n${process.guid}`)],
    ['Host Application', process.commandLine],
    ['Engine Version', engineVersion],
    ['Runspace ID', guid(`runspace\n${process.guid}`)],
    ['Pipeline ID', '1'],
    ['Command Name', activity.command],
    ['Command Type', 'Cmdlet'],
    ['Script Name', activity.path ?? ''],
    ['Command Path', ''],
    ['Sequence Number', String(sequence)],
    ['User', process.user],
    ['Connected User', ''],
    ['Shell ID', 'Microsoft.PowerShell'],
  ];
  return lines.map(([name, value]) => `        ${name} = ${value}\r\n`).join('');
}

function payload(command: string, parameters: Readonly<Record<string, string>>): string {
  const bindings = Object.entries(parameters).map(
    ([name, value]) => `ParameterBinding(${command}): name="${name}"; value="${value}"\r\n`,
  );
  return [`CommandInvocation(${command}): "${command}"\r\n`, ...bindings].join('');
}

/**
 * What Windows PowerShell 5.1 writes with module logging and script block logging on: 4103 and 4104.
 * @returns a function, since the engine numbers the records of 4103.
 */
export function powershellSensor(host: SensorHost): (activity: Activity) => EventDraft[] {
  let sequence = 15;
  return (activity) => {
    if (activity.kind === 'script-block') return scriptBlock(host, activity);
    if (activity.kind !== 'module-logged') return [];
    sequence += 2;
    return [
      draft(host, 4103, activity, {
        ContextInfo: contextInfo(activity, sequence),
        UserData: '',
        Payload: payload(activity.command, activity.parameters),
      }),
    ];
  };
}

/** Microsoft Defender's 1116, with the fields that tell which process and file it was. */
export function defenderEvents(activity: Activity): EventDraft[] {
  if (activity.kind !== 'prevented' || activity.by !== 'defender') return [];
  return [
    {
      channel: defenderChannel,
      provider: defenderProvider,
      eventId: 1116,
      at: activity.at,
      execution: { processId: 2980, threadId: 3644 },
      userId: 'S-1-5-18',
      data: {
        'Product Name': 'Microsoft Defender Antivirus',
        'Detection Time': new Date(activity.at).toISOString(),
        'Threat Name': 'Simulated detection',
        'Process Name': activity.process.image,
        'Detection User': activity.process.user,
        Path: activity.path === null ? '' : `file:_${activity.path}`,
      },
    },
  ];
}
