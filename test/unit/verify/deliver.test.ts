import { describe, expect, it } from 'vitest';
import type { JournalLine } from '../../../src/runner/index.js';
import {
  gapsOf,
  goodWorld,
  hostAddress,
  iso,
  silence,
  sinkAddress,
  variants,
  verifyFirst,
  verifyWorld,
  type ModelRow,
  type World,
} from '../../helpers/verify-world.js';

type Command = Extract<JournalLine, { state: 'done' }>['command'];

function changeCommand(world: World, to: Partial<NonNullable<Command>>): void {
  world.journal = world.journal.map((line) =>
    line.state === 'done' && line.command !== null ? { ...line, command: { ...line.command, ...to } } : line,
  );
}

/** Nothing reached a sink, so no network sensor saw it and nothing alerted. */
function nothingArrived(world: World): void {
  world.receipts = [];
  world.siem.transfer = [];
  world.siem.flow = [];
  world.siem.connection = [];
  world.host.connection = [];
  silence(world);
}

const prevention = (world: World, row: ModelRow): ModelRow => ({
  'event.id': 'ws01/defender/1',
  'event.module': 'defender',
  'event.code': '1117',
  '@timestamp': iso(500),
  'host.name': 'WS01',
  'file.path': `C:\\Dyetrace\\${world.ids[0] ?? ''}\\${world.ids[0] ?? ''}.ps1`,
  ...row,
});

describe('the link execute', () => {
  it('an execution that never started is an error, and nothing about it is judged', async () => {
    const world = goodWorld(variants.smb);
    world.journal = [];
    nothingArrived(world);
    world.siem.process = [];
    world.host.process = [];
    const execution = await verifyFirst(world);
    expect(execution).toMatchObject({ outcome: 'error', met: false, startedAt: null, exitCode: null });
    expect(execution.chain[0]).toMatchObject({ link: 'execute', state: 'broken', cause: 'not-run' });
    expect(gapsOf(execution)).toEqual(['execute not-run']);
  });

  it('a start without an end was interrupted, also where the tracer arrived', async () => {
    const world = goodWorld(variants.ftpPassive);
    world.journal = world.journal.filter(
      (line) => line.state === 'execution-started' || line.state === 'intent',
    );
    const execution = await verifyFirst(world);
    expect(execution).toMatchObject({ outcome: 'error', endedAt: null });
    expect(execution.chain[0]).toMatchObject({ cause: 'run-interrupted' });
    // What was seen is kept.
    expect(execution.legs.flow_volume.state).toBe('seen');
    expect(execution.alerts).toHaveLength(1);
  });

  it('an executor that failed is an error with its own message', async () => {
    const world = goodWorld(variants.smb);
    nothingArrived(world);
    world.journal = world.journal.map((line) =>
      line.state === 'execution-ended'
        ? { ...line, error: { code: 'host-key-differs', message: 'another key', remedy: 'look at it' } }
        : line,
    );
    const execution = await verifyFirst(world);
    expect(execution.errors).toEqual([
      expect.objectContaining({
        code: 'host-key-differs',
        message: 'another key',
        remedy: 'look at it',
      }),
    ]);
    expect(gapsOf(execution)).toContain('execute executor-failed');
  });

  it.each([
    ['timeout', 'command-timed-out'],
    ['lost', 'executor-failed'],
    ['aborted', 'run-interrupted'],
  ] as const)(
    'a command that ended by %s, without evidence of a prevention, is an error: %s',
    async (ended, cause) => {
      const world = goodWorld(variants.smb);
      nothingArrived(world);
      changeCommand(world, { ended, exitCode: null });
      expect(await verifyFirst(world)).toMatchObject({
        outcome: 'error',
        chain: [{ state: 'broken', cause }, {}, {}, {}, {}, {}, {}, {}],
      });
    },
  );

  it('an exit code other than 0 without a receipt is a failed command, with what it said', async () => {
    const world = goodWorld(variants.ftpPassive);
    nothingArrived(world);
    changeCommand(world, { exitCode: 1, stderr: 'x\r\nLogin failed.\r\n' });
    const execution = await verifyFirst(world);
    expect(execution.chain[0]).toMatchObject({ cause: 'command-failed', text: 'exit code 1: Login failed.' });
    expect(execution.outcome).toBe('error');
  });

  it('an exit code other than 0 with a complete receipt is none: robocopy says 1 for success', async () => {
    const world = goodWorld(variants.smb);
    changeCommand(world, { exitCode: 1 });
    expect(await verifyFirst(world)).toMatchObject({ outcome: 'alerted', exitCode: 1, gaps: [] });
  });
});

describe('blocked, which is not detected', () => {
  it('Defender on the host, by the path of the script', async () => {
    const world = goodWorld(variants.ftpPassive);
    nothingArrived(world);
    changeCommand(world, { exitCode: 1 });
    world.host.prevention = [prevention(world, {})];
    const execution = await verifyFirst(world);
    expect(execution).toMatchObject({ outcome: 'blocked', met: false, errors: [] });
    expect(execution.chain[0]).toMatchObject({ cause: 'blocked-by-defender', evidence: ['ws01/defender/1'] });
  });

  it('the firewall, by the 5-tuple, found in the SIEM', async () => {
    const world = goodWorld(variants.ftpActive);
    world.receipts = world.receipts.map((receipt) => ({
      ...receipt,
      complete: false,
      error: 'no data connection',
      size: 0,
    }));
    changeCommand(world, { ended: 'timeout', exitCode: null });
    silence(world);
    world.siem.prevention = [
      prevention(world, {
        'event.module': 'security',
        'event.code': '5157',
        'file.path': null,
        'source.ip': sinkAddress,
        'source.port': 20,
        'destination.ip': hostAddress,
        'destination.port': 50002,
      }),
    ];
    const execution = await verifyFirst(world);
    expect(execution.outcome).toBe('blocked');
    expect(execution.chain[1]).toMatchObject({ link: 'deliver', cause: 'blocked-by-firewall' });
  });

  it('the policy of the sink', async () => {
    const world = goodWorld(variants.tftp);
    nothingArrived(world);
    world.refusals = [
      {
        sink: 'sink-tftp',
        protocol: 'tftp',
        at: iso(1000),
        client: { ip: hostAddress, port: 50001 },
        what: 'WRQ x.dat',
        reason: 'not in the plan',
      },
    ];
    const execution = await verifyFirst(world);
    expect(execution).toMatchObject({ outcome: 'blocked' });
    expect(execution.chain[1]).toMatchObject({ cause: 'sink-refused', text: 'WRQ x.dat: not in the plan' });
  });

  it('a blocked transfer that nobody logged is blocked and a gap as well', async () => {
    const world = goodWorld(variants.ftpPassive);
    nothingArrived(world);
    for (const tables of [world.host, world.siem])
      tables.process = (tables.process ?? []).filter((row) => String(row['event.id']).includes('life'));
    world.host.prevention = [prevention(world, {})];
    const execution = await verifyFirst(world);
    expect(execution.outcome).toBe('blocked');
    expect(gapsOf(execution)).toEqual([
      'execute blocked-by-defender',
      'sense process_creation process-creation-not-logged',
    ]);
  });

  it('a prevention of something else, while the tracer arrived, is none', async () => {
    const world = goodWorld(variants.ftpPassive);
    world.host.prevention = [prevention(world, {})];
    expect(await verifyFirst(world)).toMatchObject({ outcome: 'alerted', met: true });
  });

  it('meets the expectation where blocked is what was expected', async () => {
    const world = goodWorld({ ...variants.ftpPassive, outcome: 'blocked' });
    nothingArrived(world);
    world.host.prevention = [prevention(world, {})];
    expect(await verifyFirst(world)).toMatchObject({ outcome: 'blocked', met: true });
  });
});

describe('the link deliver', () => {
  it('a broken receipt is an error, never a miss of the SIEM', async () => {
    const world = goodWorld(variants.ftpPassive);
    world.receipts = world.receipts.map((receipt) => ({
      ...receipt,
      complete: false,
      error: 'connection reset',
      size: 1000,
    }));
    silence(world);
    const execution = await verifyFirst(world);
    expect(execution).toMatchObject({ outcome: 'error' });
    expect(execution.chain[1]).toMatchObject({ state: 'broken', cause: 'transfer-failed' });
    expect(execution.chain[1]?.text).toContain('connection reset');
  });

  it('another content than the tracer was altered on the way', async () => {
    const world = goodWorld(variants.ftpPassive);
    world.receipts = world.receipts.map((receipt) => ({ ...receipt, sha256: 'b'.repeat(64) }));
    expect((await verifyFirst(world)).chain[1]).toMatchObject({ cause: 'transfer-altered' });
  });

  it('of several lines of one receipt the last holds', async () => {
    const world = goodWorld(variants.smb);
    const [last] = world.receipts;
    if (last === undefined) throw new Error('no receipt');
    world.receipts = [
      {
        ...last,
        complete: false,
        error: 'still open',
        size: 10,
        sockets: last.sockets.map((socket) => ({ ...socket, bytesFromClient: 10 })),
      },
      last,
    ];
    const execution = await verifyFirst(world);
    expect(execution.outcome).toBe('alerted');
    expect(execution.receipts).toEqual([last]);
    expect(execution.volume.truth).toBe(last.sockets[0]?.bytesFromClient);
  });

  it('a receipt without an execution is told by its file name, upper case and path included', async () => {
    const world = goodWorld(variants.smb);
    world.receipts = world.receipts.map((receipt) => ({
      ...receipt,
      executionId: null,
      fileName: `incoming\\${(world.ids[0] ?? '').toUpperCase()}.DAT`,
    }));
    expect((await verifyFirst(world)).outcome).toBe('alerted');
  });

  it('a receipt of nobody is named', async () => {
    const world = goodWorld(variants.smb);
    world.receipts = world.receipts.map((receipt) => ({
      ...receipt,
      executionId: null,
      fileName: 'strange.bin',
    }));
    silence(world);
    const result = await verifyWorld(world);
    expect(result.unmatchedReceipts).toHaveLength(1);
    expect(result.executions[0]?.chain[1]).toMatchObject({
      cause: 'transfer-failed',
      text: 'no sink has a receipt',
    });
  });
});
