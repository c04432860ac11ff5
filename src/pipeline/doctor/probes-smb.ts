import { registryValues, serviceState, words } from './readers.js';
import { missing, ok, unseen, type Probe } from './types.js';
import { askPowerShell } from './uses.js';

const smbClient = askPowerShell(
  'Get-SmbClientConfiguration | Select-Object -Property RequireSecuritySignature,RequireEncryption,BlockNTLM | ConvertTo-Json -Compress',
);

/** What an upload to a share needs of Windows' SMB client. */
export const smbProbes: readonly Probe[] = [
  {
    id: 'SMB client',
    covers: ['smb-client', 'smb-encryption'],
    subjects: ({ scenarios }) =>
      scenarios.some(({ protocol }) => protocol === 'smb') ? ['LanmanWorkstation'] : [],
    question: { program: 'sc.exe', args: ['query', 'LanmanWorkstation'] },
    read: (answer) => {
      const state = serviceState(answer);
      if (state === null) return unseen(words(answer));
      return state === 'running'
        ? ok('the Workstation service runs')
        : missing(`the Workstation service is ${state}`);
    },
    remedy: () => 'sc.exe start LanmanWorkstation',
  },
  {
    id: 'SMB client port',
    covers: [],
    subjects: ({ lab, scenarios }) =>
      scenarios.some(({ protocol }) => protocol === 'smb')
        ? lab.sinks
            .filter(({ protocol, port }) => protocol === 'smb' && port !== 445)
            .map(({ port }) => String(port))
        : [],
    question: {
      program: 'reg.exe',
      args: ['query', 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion', '/v', 'CurrentBuildNumber'],
    },
    read: (answer, port) => {
      const build = Number(registryValues(answer.stdout).get('currentbuildnumber') ?? '');
      if (!Number.isInteger(build) || build === 0) return unseen(words(answer));
      // net use /TCPPORT: Windows 11 24H2 and Server 2025.
      return build >= 26100
        ? ok(`build ${build} reaches port ${port} by net use /TCPPORT`)
        : missing(`build ${build} speaks SMB to port 445 alone, and a sink listens on ${port}`);
    },
    remedy: () => 'give the SMB sink port 445 on an address of its own',
  },
  {
    id: 'SMB rules',
    covers: [],
    subjects: ({ scenarios }) => {
      const smb = scenarios.filter(({ protocol }) => protocol === 'smb');
      if (smb.length === 0) return [];
      return [smb.every(({ sink }) => sink.encrypted) ? 'encrypted' : 'plain'];
    },
    question: smbClient,
    read: (answer, subject) => {
      const flag = (name: string): boolean | null => {
        const value = new RegExp(`"${name}":(true|false|null)`).exec(answer.stdout)?.[1];
        return value === undefined ? null : value === 'true';
      };
      const signing = flag('RequireSecuritySignature');
      if (signing === null) return unseen(words(answer));
      if (flag('BlockNTLM') === true)
        return missing('NTLM is blocked, and the lab account of the share knows nothing else');
      if (subject === 'plain' && flag('RequireEncryption') === true)
        return missing('encryption is required: scenarios without it are refused');
      return ok(
        signing
          ? 'signing is required, and the sink signs'
          : 'signing is not required; the sink signs all the same',
      );
    },
    remedy: () => 'Set-SmbClientConfiguration -RequireEncryption $false -BlockNTLM $false -Force',
  },
];
