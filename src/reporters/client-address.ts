import type { ExecutionResult } from '../verify/index.js';

/** The monitored host's address as the sinks saw it; null where nothing arrived. */
export function clientAddress(execution: ExecutionResult): string | null {
  const socket = execution.receipts.flatMap((receipt) => receipt.sockets)[0];
  if (socket === undefined) return null;
  return socket.openedBy === 'client' ? socket.source.ip : socket.destination.ip;
}
