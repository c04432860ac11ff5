import type { LabHost } from '../config/index.js';
import { registry, type Secret } from '../core/index.js';
import { localExecutor } from './local/index.js';
import { sshExecutor } from './ssh/index.js';
import type { Executor } from './types.js';

/** What an executor needs beside the lab file. */
export interface ExecutorTools {
  /** The secret that lab.yaml refers to (`env:NAME`, `file:PATH`). */
  readonly secret: (reference: string) => Promise<Secret>;
  /** Told before a connection is tried again: the attempt that failed, from 1, and why. */
  readonly onRetry?: (attempt: number, error: Error) => void;
}

/** Makes the executor of a host whose address has been resolved. */
export type ExecutorFactory = (host: LabHost, tools: ExecutorTools) => Promise<Executor>;

async function ssh(host: LabHost, tools: ExecutorTools): Promise<Executor> {
  const settings = host.executor;
  if (settings.kind !== 'ssh') throw new TypeError(`host ${host.id} is not reached by ssh`);
  const secret = async (reference: string | undefined) =>
    reference === undefined ? undefined : await tools.secret(reference);
  const [key, passphrase, password] = await Promise.all([
    secret(settings.key),
    secret(settings.passphrase),
    secret(settings.password),
  ]);
  const agent = settings.agent?.startsWith('env:') === true ? await secret(settings.agent) : undefined;
  const agentPath = agent?.reveal() ?? settings.agent;
  return sshExecutor({
    hostId: host.id,
    address: host.address,
    port: settings.port,
    user: settings.user,
    hostKey: settings.hostKey,
    connectTimeoutMs: settings.connectTimeout,
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(password === undefined ? {} : { password }),
    ...(agentPath === undefined ? {} : { agent: agentPath }),
    ...(tools.onRetry === undefined ? {} : { onRetry: tools.onRetry }),
  });
}

/** The ways to reach a host, by `hosts[].executor.kind`. */
export const executorKinds = registry<'local' | 'ssh', ExecutorFactory>('executor', {
  local: () => Promise.resolve(localExecutor()),
  ssh,
});

/**
 * The executor of a lab host. Nothing is contacted yet.
 * @throws InputError where a secret cannot be had, or the address is a name still
 */
export function createExecutor(host: LabHost, tools: ExecutorTools): Promise<Executor> {
  return executorKinds.get(host.executor.kind)(host, tools);
}
