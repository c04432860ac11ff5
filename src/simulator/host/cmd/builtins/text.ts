import { windowsVersion } from '../../version.js';
import type { Builtin } from '../shell.js';

/** `echo text`: one delimiter after the name goes, the rest stays as it is. */
export const echo: Builtin = async (_shell, rest, streams) => {
  const text = rest.slice(1);
  if (text.trim() === '' && /^\s*$/.test(rest)) await streams.stdout.write('ECHO is on.\r\n');
  else if (!/^(on|off)$/i.test(text.trim())) await streams.stdout.write(`${text}\r\n`);
  return 0;
};

export const ver: Builtin = async (_shell, _rest, streams) => {
  await streams.stdout.write(`\r\nMicrosoft Windows [Version ${windowsVersion}]\r\n`);
  return 0;
};

export const exit: Builtin = (shell, rest) => {
  const code = /-?\d+/.exec(rest)?.[0];
  shell.exitCode = code === undefined ? shell.errorLevel : Number(code) | 0;
  return Promise.resolve(shell.exitCode);
};

export const set: Builtin = async (shell, rest, streams) => {
  const assignment = rest.trim().replace(/^"(.*)"$/, '$1');
  const equals = assignment.indexOf('=');
  if (equals > 0) {
    const value = assignment.slice(equals + 1);
    shell.environment.set(assignment.slice(0, equals), value === '' ? null : value);
    return 0;
  }
  const found = shell.environment
    .entries()
    .filter(([name]) => name.toLowerCase().startsWith(assignment.toLowerCase()));
  for (const [name, value] of found) await streams.stdout.write(`${name}=${value}\r\n`);
  if (found.length > 0) return 0;
  await streams.stderr.write(`Environment variable ${assignment} not defined\r\n`);
  return 1;
};

export const rem: Builtin = () => Promise.resolve(0);
