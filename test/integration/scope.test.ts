import dgram from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { canonicalIp, ScopeError } from '../../src/core/index.js';
import { run } from '../../src/pipeline/index.js';
import { connector } from '../../src/pipeline/run.js';
import { filesSiem } from '../../src/siem/index.js';
import { testLab } from '../helpers/lab.js';

/** Every address that this process connects or sends to. */
function watchNetwork(): { readonly addresses: Set<string>; restore(): void } {
  const addresses = new Set<string>();
  const note = (address: unknown) => {
    if (typeof address === 'string') addresses.add(canonicalIp(address) ?? address);
  };
  const connect = net.Socket.prototype.connect as (...args: unknown[]) => net.Socket;
  const watched = vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function (
    this: net.Socket,
    ...args: unknown[]
  ) {
    const [first, second] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
    if (typeof first === 'object' && first !== null && 'host' in first) note(first.host);
    else if (typeof first === 'number') note(second ?? '127.0.0.1');
    return connect.apply(this, args);
  });
  const send = dgram.Socket.prototype.send as (...args: unknown[]) => void;
  const sent = vi.spyOn(dgram.Socket.prototype, 'send').mockImplementation(function (
    this: dgram.Socket,
    ...args: unknown[]
  ) {
    for (const argument of args) note(argument);
    send.apply(this, args);
  });
  return {
    addresses,
    restore: () => {
      watched.mockRestore();
      sent.mockRestore();
    },
  };
}

describe('nothing outside the scope is ever connected to', () => {
  let reports: string;
  let network: ReturnType<typeof watchNetwork>;
  beforeEach(async () => {
    reports = await mkdtemp(join(tmpdir(), 'dyetrace-test-'));
    network = watchNetwork();
  });
  afterEach(async () => {
    network.restore();
    await rm(reports, { recursive: true, force: true });
  });

  it('by a whole run: executors, sinks and SIEM reach the hosts and sinks of the plan alone', async () => {
    const { result } = await run({
      lab: { embedded: true, faults: [], backgroundEvents: 200 },
      selection: { scenarios: ['cmd-ftp-client', 'powershell-tftp-socket', 'rundll32-ftp-dll'] },
      seed: 'scope',
      reports,
      listener: () => undefined,
      signal: new AbortController().signal,
    });
    expect(result.executions.map(({ outcome }) => outcome)).toEqual(['alerted', 'alerted', 'alerted']);
    const sockets = result.executions.flatMap(({ receipts }) =>
      receipts.flatMap((receipt) => receipt.sockets),
    );
    const planned = new Set(sockets.flatMap((socket) => [socket.source.ip, socket.destination.ip]));
    expect(planned.size).toBeGreaterThanOrEqual(3);
    expect([...network.addresses].filter((address) => !planned.has(address))).toEqual([]);
  });

  it('by an executor: a host that the scope does not name is refused before a packet is sent', () => {
    const lab = testLab((input) => {
      input.scope.hosts = [];
    });
    expect(() => connector(lab, () => undefined)('ws01')).toThrow(ScopeError);
    expect([...network.addresses]).toEqual([]);
  });

  it('by a SIEM of exported files', async () => {
    await expect(filesSiem(join(reports, 'absent')).probe()).rejects.toMatchObject({
      code: 'no-export-folder',
      exitCode: 3,
    });
    await filesSiem(reports).telemetry(
      { window: { from: 0, until: 1 }, hosts: [], addresses: [], legs: [] },
      join(reports, '..', 'dyetrace-test-answer'),
    );
    await rm(join(reports, '..', 'dyetrace-test-answer'), { recursive: true });
    expect([...network.addresses]).toEqual([]);
  });
});
