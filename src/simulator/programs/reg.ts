import { registryKeys, type RegistryValue } from '../host/registry.js';
import type { Program } from '../host/types.js';

const hives: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
};

/** `HKLM\Software` by its full name, in lower case: keys are found without case. */
function fullKey(key: string): string {
  const [hive = '', ...rest] = key.split('\\');
  return [hives[hive.toUpperCase()] ?? hive, ...rest].join('\\').toLowerCase();
}

function shown(key: string, values: readonly RegistryValue[]): string {
  const lines = values.map(({ name, type, data }) => `    ${name}    ${type}    ${data}\r\n`);
  return lines.length === 0 ? '' : `\r\n${key}\r\n${lines.join('')}`;
}

/** Keys right below one, as `reg query` lists them. */
function below(key: string): string[] {
  const depth = key.split('\\').length + 1;
  const children = [...registryKeys.keys()]
    .filter((one) => one.toLowerCase().startsWith(`${key}\\`))
    .map((one) => one.split('\\').slice(0, depth).join('\\'));
  return [...new Set(children)];
}

/** reg.exe, as far as `query key [/v name] [/s]` goes. */
export const reg: Program = {
  file: 'reg.exe',
  originalFileName: 'reg.exe',
  async run({ args, stdout, stderr }) {
    const [verb = '', key = ''] = args;
    if (!/^query$/i.test(verb)) {
      await stderr.write('ERROR: Access is denied.\r\n');
      return 1;
    }
    const wanted = fullKey(key);
    const at = args.findIndex((arg) => /^\/v$/i.test(arg));
    const name = at < 0 ? undefined : args[at + 1]?.toLowerCase();
    const deep = args.some((arg) => /^\/s$/i.test(arg));
    const found = [...registryKeys].filter(([one]) => {
      const lower = one.toLowerCase();
      return lower === wanted || (deep && lower.startsWith(`${wanted}\\`));
    });
    const text = found
      .map(([one, values]) =>
        shown(
          one,
          values.filter((value) => name === undefined || value.name.toLowerCase() === name),
        ),
      )
      .join('');
    const children = deep || name !== undefined ? [] : below(wanted);
    if (text === '' && children.length === 0 && (name !== undefined || found.length === 0)) {
      await stderr.write('ERROR: The system was unable to find the specified registry key or value.\r\n');
      return 1;
    }
    await stdout.write(`${text}\r\n${children.map((child) => `${child}\r\n`).join('')}`);
    return 0;
  },
};
