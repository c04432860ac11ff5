import { isDenied, registryNumber, registryValues, words } from './readers.js';
import { missing, ok, unseen, type Probe } from './types.js';
import { askPowerShell, ifUsed } from './uses.js';

const powershell = ifUsed('powershell.exe');
const policies = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell';

/** What the staged scripts need. */
export const powershellProbes: readonly Probe[] = [
  {
    id: 'PowerShell version',
    covers: ['powershell-5.1'],
    subjects: powershell,
    question: {
      program: 'reg.exe',
      args: [
        'query',
        'HKLM\\SOFTWARE\\Microsoft\\PowerShell\\3\\PowerShellEngine',
        '/v',
        'PowerShellVersion',
      ],
    },
    read: (answer) => {
      const version = registryValues(answer.stdout).get('powershellversion');
      if (version === undefined)
        return isDenied(answer) ? unseen(words(answer)) : missing('Windows PowerShell is not installed');
      return version.startsWith('5.1.')
        ? ok(`Windows PowerShell ${version}`)
        : missing(`Windows PowerShell ${version}; the scripts need 5.1`);
    },
    remedy: () => 'install Windows Management Framework 5.1; Windows 10 and Server 2016 have it',
  },
  {
    id: 'PowerShell language mode',
    covers: [],
    subjects: powershell,
    question: askPowerShell('$ExecutionContext.SessionState.LanguageMode'),
    read: (answer) => {
      const mode = answer.stdout.trim();
      if (!/^\w+Language$/.test(mode)) return unseen(words(answer));
      return mode === 'FullLanguage' ? ok(mode) : missing(`${mode}: the scripts call .NET, which it forbids`);
    },
    remedy: () =>
      'allow the folder of staged files (hosts[].workDir) in the App Control or AppLocker script rules; what the policy stops counts as blocked',
  },
  {
    id: 'execution policy',
    covers: [],
    subjects: powershell,
    // Only a group policy outranks -ExecutionPolicy Bypass (about_Execution_Policies).
    question: { program: 'reg.exe', args: ['query', policies] },
    read: (answer) => {
      if (isDenied(answer)) return unseen(words(answer));
      const policy = registryValues(answer.stdout).get('executionpolicy');
      if (registryNumber(answer.stdout, 'EnableScripts') === 0)
        return missing('a group policy forbids scripts');
      if (policy === 'AllSigned') return missing('a group policy allows signed scripts alone');
      return ok(policy === undefined ? 'no group policy; the runner says Bypass' : `group policy ${policy}`);
    },
    remedy: () =>
      `for the lab host alone: reg.exe add ${policies} /v ExecutionPolicy /t REG_SZ /d RemoteSigned /f`,
  },
  {
    id: 'script block logging',
    covers: ['script-block-logging'],
    subjects: powershell,
    question: {
      program: 'reg.exe',
      args: ['query', `${policies}\\ScriptBlockLogging`, '/v', 'EnableScriptBlockLogging'],
    },
    read: (answer) => {
      if (isDenied(answer)) return unseen(words(answer));
      return registryNumber(answer.stdout, 'EnableScriptBlockLogging') === 1
        ? ok('on: 4104 shows what scripts do')
        : missing('off: nothing shows what a script does when its command line does not');
    },
    remedy: () =>
      `reg.exe add ${policies}\\ScriptBlockLogging /v EnableScriptBlockLogging /t REG_DWORD /d 1 /f`,
  },
];
