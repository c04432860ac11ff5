import type { Client, ClientChannel } from 'ssh2';
import { LabError, messageOf } from '../../core/index.js';
import { cappedOutput, defaultMaxOutputBytes } from '../output.js';
import type { CommandResult, RunOptions } from '../types.js';

/** How long we wait for a command's end after it was ended by us. */
const endingMs = 5_000;

interface OpenedChannel {
  readonly channel: ClientChannel;
  /** The exit status, once it has come; null where a signal ended the command. */
  readonly exit: { readonly code: number | null } | undefined;
}

/** The exit status of a quick command comes with the answer to exec: whoever listens only after an await has missed it. */
function openChannel(client: Client, command: string): Promise<OpenedChannel> {
  return new Promise((resolve, reject) => {
    const lost = (error?: Error) =>
      reject(
        new LabError({
          code: 'connection-lost',
          message: `the command was not started: ${error === undefined ? 'the connection was closed' : messageOf(error)}`,
          cause: error,
        }),
      );
    const closed = () => lost();
    client.once('close', closed);
    try {
      client.exec(command, (error, channel) => {
        client.off('close', closed);
        if (error !== undefined) {
          lost(error);
          return;
        }
        const opened: { channel: ClientChannel; exit: OpenedChannel['exit'] } = { channel, exit: undefined };
        channel.on('exit', (code: number | null) => {
          opened.exit = { code };
        });
        resolve(opened);
      });
    } catch (error) {
      client.off('close', closed);
      lost(error instanceof Error ? error : new Error(messageOf(error)));
    }
  });
}

/**
 * Runs a command on a channel of its own. A connection that breaks meanwhile gives `ended: 'lost'`; timeout and abort end the
 * process tree by `endTree`, then by the channel's signal and its close.
 * @throws LabError `connection-lost` where the command was not started
 */
export async function runCommand(
  client: Client,
  command: string,
  options: RunOptions,
  endTree: (marker: string) => Promise<void>,
): Promise<CommandResult> {
  const startedAt = Date.now();
  const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;
  const [stdout, stderr] = [cappedOutput(limit), cappedOutput(limit)];
  const result = (exitCode: number | null, ended: CommandResult['ended']): CommandResult => ({
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    startedAt,
    endedAt: Date.now(),
    ended,
    truncated: stdout.truncated() || stderr.truncated(),
  });
  if (options.signal?.aborted === true) return result(null, 'aborted');

  const opened = await openChannel(client, command);
  const { channel } = opened;
  return new Promise((resolve) => {
    let endedByUs: 'timeout' | 'aborted' | undefined;
    const timers: NodeJS.Timeout[] = [];

    const settle = () => {
      for (const timer of timers) clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
      client.off('close', settle);
      if (endedByUs !== undefined) resolve(result(null, endedByUs));
      else resolve(opened.exit === undefined ? result(null, 'lost') : result(opened.exit.code, 'exit'));
    };
    const hangUp = () => {
      try {
        channel.signal('KILL');
        channel.close();
      } catch {
        // The channel was closed meanwhile: that is what we want.
      }
      timers.push(setTimeout(settle, endingMs));
    };
    const end = (reason: 'timeout' | 'aborted') => {
      if (endedByUs !== undefined || opened.exit !== undefined) return;
      endedByUs = reason;
      // First the tree, while parents still lead to their children; a failure there must not keep the channel open.
      const tree = options.marker === undefined ? Promise.resolve() : endTree(options.marker);
      tree.catch(() => undefined).finally(hangUp);
    };
    const abort = () => end('aborted');

    timers.push(setTimeout(() => end('timeout'), options.timeoutMs));
    options.signal?.addEventListener('abort', abort);
    client.once('close', settle);
    channel
      .on('data', stdout.add)
      .on('error', () => undefined)
      .on('close', settle);
    channel.stderr.on('data', stderr.add);
    // A line break ends the line that a prompt waits for.
    channel.end(options.stdin === undefined ? undefined : `${options.stdin.reveal()}\n`);
    if (options.signal?.aborted === true) abort();
  });
}
