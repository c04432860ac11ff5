import { lookup } from 'node:dns/promises';
import { canonicalIp, InputError, messageOf } from '../core/index.js';
import type { Lab, ResolvedLab } from './lab.js';

async function addressOf(name: string, path: string): Promise<string> {
  const literal = canonicalIp(name);
  if (literal !== undefined) return literal;
  try {
    const { address } = await lookup(name);
    return canonicalIp(address) ?? address;
  } catch (error) {
    throw new InputError({
      code: 'name-not-resolved',
      message: `cannot resolve "${name}": ${messageOf(error)}`,
      where: { path },
      remedy: 'write the IP address, or mend the name service of this machine',
      cause: error,
    });
  }
}

/**
 * Resolves every name once, before planning, so that the scope speaks of addresses and a name cannot lead elsewhere later.
 * @throws InputError where a name does not resolve
 */
export async function resolveLab(lab: Lab): Promise<ResolvedLab> {
  const hosts = await Promise.all(
    lab.hosts.map(async (host, index) => ({
      ...host,
      address: await addressOf(host.address, `hosts[${index}].address`),
    })),
  );
  const sinks = lab.sinks.map((sink) => ({ ...sink, address: canonicalIp(sink.address) ?? sink.address }));
  return { ...lab, hosts, sinks, resolved: true };
}
