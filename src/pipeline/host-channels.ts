import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Shell } from '../config/index.js';
import { DyetraceError, messageOf, rfc3339 } from '../core/index.js';
import { renderCommand, type Executor } from '../executors/index.js';
import type { TimeWindow } from '../siem/index.js';
import type { Collection } from '../telemetry/index.js';

/** The channels that tell whether the sensor saw it, without the SIEM. Reading them splits sense from ship. */
export const hostChannels = [
  { source: 'sysmon', channel: 'Microsoft-Windows-Sysmon/Operational', eventIds: [1, 3, 5, 11, 22] },
  { source: 'security', channel: 'Security', eventIds: [4688, 4689, 5156, 5157] },
  { source: 'powershell', channel: 'Microsoft-Windows-PowerShell/Operational', eventIds: [4103, 4104] },
  { source: 'defender', channel: 'Microsoft-Windows-Windows Defender/Operational', eventIds: [1116, 1117] },
] as const;

type HostAnswer = Collection['host'][number];

const maxOutputBytes = 256 * 2 ** 20;

function xpath(eventIds: readonly number[], window: TimeWindow): string {
  const ids = eventIds.map((id) => `EventID=${id}`).join(' or ');
  return `*[System[(${ids}) and TimeCreated[@SystemTime>='${rfc3339(window.from)}' and @SystemTime<='${rfc3339(window.until)}']]]`;
}

/**
 * Reads a host's own event channels by wevtutil into `<folder>/<source>/<host>.xml`.
 * https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil
 * @returns one answer per channel; a channel that could not be read has an error and is never empty
 */
export async function readHostChannels(
  host: { readonly id: string; readonly shell: Shell },
  executor: Executor,
  window: TimeWindow,
  folder: string,
): Promise<HostAnswer[]> {
  const answers: HostAnswer[] = [];
  for (const { source, channel, eventIds } of hostChannels) {
    const query = renderCommand(
      { program: 'wevtutil.exe', args: ['qe', channel, `/q:${xpath(eventIds, window)}`, '/f:RenderedXml'] },
      host.shell,
    );
    const answer = (records: number, error: HostAnswer['error']) =>
      answers.push({ host: host.id, channel: source, records, error, query });
    try {
      const result = await executor.run(query, { timeoutMs: 120_000, maxOutputBytes });
      if (result.truncated) {
        answer(0, {
          code: 'host-channel-too-large',
          message: `${channel} gave more than ${maxOutputBytes} bytes`,
          remedy: 'run fewer scenarios at once',
        });
      } else if (result.exitCode !== 0) {
        answer(0, {
          code: 'host-channel-unreadable',
          message: `wevtutil on ${channel} ended with ${result.exitCode ?? result.ended}: ${(result.stderr || result.stdout).trim().slice(0, 300)}`,
          remedy:
            'the account must be in the group Event Log Readers, and the channel must exist (is Sysmon installed?)',
        });
      } else {
        await mkdir(join(folder, source), { recursive: true });
        await writeFile(join(folder, source, `${host.id}.xml`), result.stdout);
        answer(result.stdout.split('<Event ').length - 1, null);
      }
    } catch (error) {
      const remedy = error instanceof DyetraceError ? error.remedy : undefined;
      answer(0, {
        code: error instanceof DyetraceError ? error.code : 'host-unreachable',
        message: messageOf(error),
        remedy: remedy ?? 'see whether the host is up',
      });
    }
  }
  return answers;
}
