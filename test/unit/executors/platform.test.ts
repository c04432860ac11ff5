import { describe, expect, it } from 'vitest';
import { describeWindows, detectShell, endProcesses } from '../../../src/executors/platform.js';
import { endProcessesScript, type CommandResult } from '../../../src/executors/index.js';

/** A host that answers commands by their first word, or by the whole text. */
function answering(answers: Readonly<Record<string, Partial<CommandResult>>>) {
  const commands: string[] = [];
  const run = (command: string): Promise<CommandResult> => {
    commands.push(command);
    const answer = answers[command] ?? answers[command.split(' ')[0] ?? ''];
    return Promise.resolve({
      exitCode: answer === undefined ? 1 : 0,
      stdout: '',
      stderr: '',
      startedAt: 1000,
      endedAt: 1100,
      ended: 'exit',
      truncated: false,
      ...answer,
    });
  };
  return { run, commands };
}

describe('detectShell', () => {
  // What the shells make of `echo %COMSPEC% $PSVersionTable`: cmd.exe as seen on Wine, PowerShell as its documentation shows the table.
  it.each([
    ['cmd', 'C:\\Windows\\system32\\cmd.exe $PSVersionTable\r\n'],
    [
      'powershell',
      '%COMSPEC%\r\n\r\nName                           Value\r\n----                           -----\r\nPSVersion                      5.1.19041.4412\r\n',
    ],
    ['powershell', '%COMSPEC%\r\nSystem.Collections.Hashtable\r\n'],
    ['posix', '%COMSPEC%\n'],
  ])('%s', async (shell, stdout) => {
    await expect(detectShell(answering({ echo: { stdout } }).run)).resolves.toBe(shell);
  });

  it.each([[''], ['This account is currently not available.\n'], ['bash: echo: command not found\n']])(
    'does not guess from %j',
    async (stdout) => {
      await expect(detectShell(answering({ echo: { stdout } }).run)).rejects.toMatchObject({
        code: 'shell-not-recognised',
        exitCode: 3,
      });
    },
  );
});

describe('describeWindows', () => {
  it('tells system, account, clock and its uncertainty', async () => {
    const { run } = answering({
      ver: { stdout: '\r\nMicrosoft Windows [Version 10.0.19045.3803]\r\n' },
      'whoami.exe': { stdout: 'lab\\dyetrace\r\n' },
      'powershell.exe': { stdout: '1795545600123\r\n', startedAt: 5000, endedAt: 5300 },
    });
    await expect(describeWindows(run, 'cmd')).resolves.toEqual({
      os: 'Microsoft Windows [Version 10.0.19045.3803]',
      shell: 'cmd',
      user: 'lab\\dyetrace',
      clock: 1795545600123,
      clockUncertaintyMs: 150,
    });
  });

  it('says what it could not learn', async () => {
    const { run } = answering({});
    await expect(describeWindows(run, 'powershell')).resolves.toMatchObject({
      os: 'unknown',
      user: 'unknown',
      clock: null,
    });
  });
});

describe('endProcesses', () => {
  it.each(['cmd', 'powershell'] as const)(
    'sends its script so that its own command line (%s) does not match',
    async (shell) => {
      const host = answering({ 'powershell.exe': {} });
      await endProcesses(host.run, 'dabc1234', shell);
      const [command = ''] = host.commands;
      expect(command).not.toContain('dabc1234');
      const encoded = /-EncodedCommand '?([A-Za-z0-9+/=]+)/.exec(command)?.[1] ?? '';
      expect(Buffer.from(encoded, 'base64').toString('utf16le')).toBe(endProcessesScript('dabc1234'));
    },
  );

  it('takes no failure for success', async () => {
    await expect(
      endProcesses(
        answering({ 'powershell.exe': { exitCode: 1, stderr: 'Access denied' } }).run,
        'dabc1234',
        'cmd',
      ),
    ).rejects.toMatchObject({
      code: 'processes-left',
      message: expect.stringContaining('Access denied') as string,
    });
    await expect(
      endProcesses(answering({ 'powershell.exe': { exitCode: null, ended: 'lost' } }).run, 'dabc1234', 'cmd'),
    ).rejects.toMatchObject({ code: 'processes-left' });
    await expect(
      endProcesses(answering({ pkill: { exitCode: 127 } }).run, 'dabc1234', 'posix'),
    ).rejects.toMatchObject({
      code: 'processes-left',
    });
  });

  it.each(['', 'short', "d'; rm", 'd*******', '.*.*.*.*'])('refuses the marker %j', (marker) => {
    expect(() => endProcessesScript(marker)).toThrow(expect.objectContaining({ code: 'marker-not-usable' }));
  });
});
