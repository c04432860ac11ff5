/** Environment variables; names are compared without case, as Windows does. */
export interface Environment {
  get(name: string): string | undefined;
  set(name: string, value: string | null): void;
  entries(): readonly (readonly [string, string])[];
  copy(): Environment;
}

export function environment(values: Readonly<Record<string, string>>): Environment {
  const map = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  return {
    get: (name) => map.get(name.toLowerCase())?.value,
    set(name, value) {
      const key = name.toLowerCase();
      if (value === null) map.delete(key);
      else map.set(key, { name: map.get(key)?.name ?? name, value });
    },
    entries: () =>
      [...map.values()].map(({ name, value }) => [name, value] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    copy: () => environment(Object.fromEntries([...map.values()].map(({ name, value }) => [name, value]))),
  };
}

/** What a process of an SSH session starts with. */
export function sessionEnvironment(computer: string, user: string): Environment {
  return environment({
    COMPUTERNAME: computer,
    ComSpec: 'C:\\Windows\\system32\\cmd.exe',
    OS: 'Windows_NT',
    Path: [
      'C:\\Windows\\system32',
      'C:\\Windows',
      'C:\\Windows\\System32\\Wbem',
      'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\',
      'C:\\Windows\\System32\\OpenSSH\\',
    ].join(';'),
    PATHEXT: '.COM;.EXE;.BAT;.CMD',
    PROMPT: `${user}@${computer} $P$G`,
    SystemDrive: 'C:',
    SystemRoot: 'C:\\Windows',
    TEMP: `C:\\Users\\${user}\\AppData\\Local\\Temp`,
    USERDOMAIN: computer,
    USERNAME: user,
    USERPROFILE: `C:\\Users\\${user}`,
    windir: 'C:\\Windows',
  });
}
