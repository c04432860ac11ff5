import { missing, ok, unseen, type Answer, type Reading } from './types.js';

// Readers go by what Windows does not translate: registry values, constants, numbers, version strings.

/** What came instead of an answer, in one line. */
export function words(answer: Answer): string {
  const text = (answer.stderr.trim() === '' ? answer.stdout : answer.stderr).trim().split(/\r?\n/)[0] ?? '';
  return text === '' ? `exit code ${answer.exitCode}` : text.slice(0, 200);
}

/** A key's values as `reg.exe query` prints them: `    Name    REG_DWORD    0x1`. Names in lower case. */
export function registryValues(stdout: string): ReadonlyMap<string, string> {
  const lines = stdout.matchAll(/^ {4}(\S(?:.*?\S)?) {4}REG_[A-Z_]+(?: {4}(.*?))?\r?$/gm);
  return new Map([...lines].map(([, name = '', value = '']) => [name.toLowerCase(), value]));
}

/** A REG_DWORD, or null where it is not there. */
export function registryNumber(stdout: string, name: string): number | null {
  const value = registryValues(stdout).get(name.toLowerCase());
  return value !== undefined && /^0x[0-9a-f]+$/i.test(value) ? Number(value) : null;
}

/** reg.exe says 1 for an absent key as for a forbidden one; only its words tell. */
export function isDenied(answer: Answer): boolean {
  return answer.exitCode !== 0 && /denied|verweigert|refus|denegado/i.test(answer.stderr);
}

/** `where.exe name`: paths, and 1 where there is none. */
export function readWhere(answer: Answer, program: string): Reading {
  const [path] = answer.stdout.trim().split(/\r?\n/);
  if (answer.exitCode === 0 && path !== undefined && path !== '') return ok(path);
  if (answer.exitCode === 1) return missing(`${program} is not in PATH`);
  return unseen(words(answer));
}

/** `curl --version`: its second line and on name the protocols. */
export function readCurl(answer: Answer, protocol: string): Reading {
  const version = /^curl (\S+)/m.exec(answer.stdout)?.[1];
  const protocols = /^Protocols:(.*)$/m.exec(answer.stdout)?.[1]?.trim().split(/\s+/);
  if (version === undefined || protocols === undefined)
    return missing(`curl.exe is not there: ${words(answer)}`);
  return protocols.includes(protocol)
    ? ok(`curl ${version} speaks ${protocol}`)
    : missing(`curl ${version} speaks ${protocols.join(', ')}, not ${protocol}`);
}

/** `sc.exe query`: the constants of its STATE line are never translated; 1060: no such service. */
export function serviceState(answer: Answer): 'running' | 'stopped' | 'absent' | null {
  const state =
    /:\s*\d+\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b/.exec(
      answer.stdout,
    )?.[1];
  if (state !== undefined) return state === 'RUNNING' ? 'running' : 'stopped';
  return answer.exitCode === 1060 || /\b1060\b/.test(answer.stdout + answer.stderr) ? 'absent' : null;
}

/** Free bytes by the last line of `dir /-c`: `               2 Dir(s)  53123456789 bytes free`. */
export function freeBytes(stdout: string): number | null {
  const last = stdout.trimEnd().split(/\r?\n/).at(-1) ?? '';
  const found = /^\s*\d+\s\D+(\d+)\s\D*$/.exec(last)?.[1];
  return found === undefined ? null : Number(found);
}

/** One rule of the Windows firewall, as far as it matters here. */
interface FirewallRule {
  readonly program: string;
  readonly name: string;
  readonly allows: boolean;
}

/** The rules below `FirewallPolicy`, as [MS-GPFAS] 2.2.2 writes them: `v2.30|Action=Allow|Active=TRUE|Dir=In|App=…|Name=…|`. */
function inboundRules(values: Iterable<string>): FirewallRule[] {
  return [...values].flatMap((value) => {
    if (!/^v\d+\.\d+\|/.test(value)) return [];
    const fields = new Map(
      value.split('|').map((field): [string, string] => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals), field.slice(equals + 1)];
      }),
    );
    const program = fields.get('App');
    if (program === undefined || fields.get('Dir') !== 'In' || fields.get('Active') !== 'TRUE') return [];
    return [{ program, name: fields.get('Name') ?? '', allows: fields.get('Action') === 'Allow' }];
  });
}

const profiles = ['DomainProfile', 'StandardProfile', 'PublicProfile'];

/** Whether the firewall lets connections and datagrams in to a program, by `reg.exe query …\FirewallPolicy /s`. */
export function readFirewall(answer: Answer, program: string): Reading {
  if (answer.exitCode !== 0) return unseen(words(answer));
  const keys = answer.stdout.split(/^(?=HKEY_)/m);
  const off = profiles.every((profile) => {
    const key = keys.find((text) =>
      /^(.*)\r?$/m.exec(text)?.[1]?.trimEnd().endsWith(`\\FirewallPolicy\\${profile}`),
    );
    return key !== undefined && registryNumber(key, 'EnableFirewall') === 0;
  });
  if (off) return ok('the Windows firewall is off');
  const rules = inboundRules(keys.flatMap((key) => [...registryValues(key).values()])).filter((rule) =>
    rule.program.toLowerCase().endsWith(`\\${program.toLowerCase()}`),
  );
  const blocking = rules.find(({ allows }) => !allows);
  if (blocking !== undefined)
    return missing(`the firewall rule "${blocking.name}" blocks what comes in to ${program}`);
  const [rule] = rules;
  return rule === undefined
    ? missing(`no firewall rule lets anything in to ${program}`)
    : ok(`let in to ${program} by the firewall rule "${rule.name}"`);
}
