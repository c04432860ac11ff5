import { readFile } from 'node:fs/promises';
import { InputError, messageOf, Secret } from '../core/index.js';

/**
 * Reads a secret that the lab file refers to: `env:NAME` or `file:PATH` (a final line break is not part of it).
 * @throws InputError that names the reference, never the value
 */
export async function readSecret(
  reference: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Secret> {
  const [kind, name] = [
    reference.slice(0, reference.indexOf(':')),
    reference.slice(reference.indexOf(':') + 1),
  ];
  if (kind === 'env') {
    const value = environment[name];
    if (value !== undefined && value !== '') return new Secret(value);
    throw new InputError({
      code: 'secret-not-set',
      message: `environment variable ${name} is not set`,
      remedy: `set ${name}, or let lab.yaml refer to a file (file:PATH)`,
    });
  }
  try {
    return new Secret((await readFile(name, 'utf8')).replace(/\r?\n$/, ''));
  } catch (error) {
    throw new InputError({
      code: 'secret-not-readable',
      message: `cannot read the secret in ${name}: ${messageOf(error)}`,
      where: { file: name },
      cause: error,
    });
  }
}
