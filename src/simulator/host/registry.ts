import { powershellVersion, windowsBuild } from './version.js';

export interface RegistryValue {
  readonly name: string;
  readonly type: 'REG_SZ' | 'REG_DWORD';
  readonly data: string;
}

/** Programs that this host's firewall lets in: the prerequisite of active FTP and of TFTP (decisions.md, 16). */
export const inboundPrograms = ['ftp.exe', 'tftp.exe', 'curl.exe', 'powershell.exe', 'rundll32.exe'] as const;

const policies = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Windows\\PowerShell';
const firewall =
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy';

const text = (name: string, data: string): RegistryValue => ({ name, type: 'REG_SZ', data });
const number = (name: string, value: number): RegistryValue => ({
  name,
  type: 'REG_DWORD',
  data: `0x${value.toString(16)}`,
});

/** [MS-GPFAS] 2.2.2: one rule of the Windows firewall. */
function inbound(program: string): RegistryValue {
  const folder = program === 'powershell.exe' ? 'WindowsPowerShell\\v1.0\\' : '';
  const rule = `v2.33|Action=Allow|Active=TRUE|Dir=In|App=%SystemRoot%\\System32\\${folder}${program}|Name=Dyetrace ${program}|`;
  return text(`{dyetrace-${program}}`, rule);
}

/** What this host is set to, by full key; the sensors log what the policies say. */
export const registryKeys: ReadonlyMap<string, readonly RegistryValue[]> = new Map([
  [
    'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\PowerShell\\3\\PowerShellEngine',
    [text('PowerShellVersion', powershellVersion), text('RuntimeVersion', 'v4.0.30319')],
  ],
  [
    'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion',
    [
      text('ProductName', 'Windows 10 Enterprise'),
      text('DisplayVersion', '24H2'),
      text('CurrentBuildNumber', String(windowsBuild.build)),
      number('UBR', windowsBuild.revision),
    ],
  ],
  [policies, []],
  [`${policies}\\ModuleLogging`, [number('EnableModuleLogging', 1)]],
  [`${policies}\\ModuleLogging\\ModuleNames`, [text('*', '*')]],
  [`${policies}\\ScriptBlockLogging`, [number('EnableScriptBlockLogging', 1)]],
  ...['DomainProfile', 'PublicProfile', 'StandardProfile'].map(
    (profile): [string, readonly RegistryValue[]] => [
      `${firewall}\\${profile}`,
      [number('EnableFirewall', 1)],
    ],
  ),
  [`${firewall}\\FirewallRules`, inboundPrograms.map(inbound)],
]);
