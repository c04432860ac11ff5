import { describe, expect, it } from 'vitest';
import { executionResultSchema } from '../../../src/verify/index.js';
import { goodWorld, variants, verifyFirst, verifyWorld, gapsOf } from '../../helpers/verify-world.js';

const uploads = ['ftpPassive', 'ftpActive', 'smb', 'tftp'] as const;

describe('where everything works', () => {
  it.each(uploads)('%s is alerted, every link holds, nothing is a gap', async (name) => {
    const execution = await verifyFirst(goodWorld(variants[name]));
    expect(
      execution.chain
        .map(({ link, state, text }) => [link, state, text])
        .filter(([, state]) => state !== 'ok'),
    ).toEqual([]);
    expect(gapsOf(execution)).toEqual([]);
    expect(execution).toMatchObject({ outcome: 'alerted', met: true, errors: [] });
    expect(execution.attribution).toMatchObject({
      grade: variants[name].grade,
      expectedGrade: variants[name].grade,
    });
    expect(executionResultSchema.parse(execution)).toEqual(execution);
  });

  it.each(uploads)(
    '%s: truth is the payload that the host sent over all sockets, and the flows agree',
    async (name) => {
      const world = goodWorld(variants[name]);
      const sent = world.receipts[0]?.sockets.reduce((sum, socket) => sum + socket.bytesFromClient, 0);
      const { volume } = await verifyFirst(world);
      expect(volume).toEqual({ grade: 'measured', bytesOut: sent, truth: sent, errorPercent: 0 });
    },
  );

  it.each([
    ['parts of one SMB connection add up', 'smb', 2],
    ['a control connection is named whole by each of its transfers', 'ftpPassive', 1],
  ] as const)('%s', async (_, name, parts) => {
    const world = goodWorld(variants[name]);
    const [whole] = world.receipts;
    if (whole === undefined) throw new Error('no receipt');
    const truth = whole.sockets.reduce((sum, socket) => sum + socket.bytesFromClient, 0);
    const part = (id: string, take: (bytes: number) => number, isFirst: boolean) => ({
      ...whole,
      id,
      sockets: whole.sockets
        .filter(({ role }) => isFirst || role !== 'data' || name === 'smb')
        .map((socket) => ({ ...socket, bytesFromClient: take(socket.bytesFromClient) })),
    });
    const receipts = [
      part('first', (bytes) => Math.floor(bytes / parts), true),
      part('second', (bytes) => Math.ceil(bytes / parts), false),
    ];
    expect((await verifyFirst({ ...world, receipts })).volume.truth).toBe(truth);
  });

  it('names System as the owner of an SMB socket and ties it by the command line', async () => {
    const { attribution } = await verifyFirst(goodWorld(variants.smb));
    expect(attribution).toMatchObject({ grade: 'inferred', socketOwner: { executable: 'System', pid: 4 } });
  });

  it('does not expect a protocol log of TFTP', async () => {
    const { legs } = await verifyFirst(goodWorld(variants.tftp));
    expect(legs.protocol_log.state).toBe('not_applicable');
    expect(legs.gateway_log.state).toBe('seen');
  });

  it('keeps a control apart: silent is as it should be, and its download is no upload', async () => {
    const execution = await verifyFirst(goodWorld(variants.control));
    expect(execution).toMatchObject({ outcome: 'logged', expected: 'not_alerted', met: true, gaps: [] });
    expect(execution.volume.truth).toBe(240);
  });

  it('judges several executions of one host side by side without mixing them up', async () => {
    const world = goodWorld(
      variants.ftpPassive,
      variants.ftpActive,
      variants.smb,
      variants.tftp,
      variants.control,
    );
    const result = await verifyWorld(world);
    expect(result.executions.map(({ outcome, gaps }) => [outcome, gaps.length])).toEqual([
      ['alerted', 0],
      ['alerted', 0],
      ['alerted', 0],
      ['alerted', 0],
      ['logged', 0],
    ]);
    for (const [index, execution] of result.executions.entries()) {
      const others = world.ids.filter((_, place) => place !== index);
      const evidence = JSON.stringify(execution.legs);
      for (const other of others) expect(evidence).not.toContain(other);
    }
    expect(result.falsePositives).toEqual([]);
    expect(result.alerts.map(({ execution }) => execution)).toEqual(world.ids.slice(0, 4));
  });

  it('gives the same result whatever the order of the records and of the threads that scan them', async () => {
    const all = [variants.ftpPassive, variants.ftpActive, variants.smb, variants.tftp, variants.control];
    const result = await verifyWorld(goodWorld(...all));
    expect(result.executions.map(({ legs }) => legs.process_creation.via)).toEqual(
      all.map(() => 'command_line'),
    );
    for (let round = 0; round < 8; round++) {
      const world = goodWorld(...all);
      for (const tables of [world.host, world.siem]) for (const rows of Object.values(tables)) rows.reverse();
      expect(await verifyWorld(world, 4)).toEqual(result);
    }
  });

  it('measures delays from the fact to the SIEM, and to the alert from the end of the transfer', async () => {
    const execution = await verifyFirst(goodWorld(variants.ftpPassive));
    // Every record is ingested a second after its own time; the flow ends last (1,600 ms; the transfer at 1,500).
    expect(execution.legs.process_creation.delayMs).toBe(1000);
    expect(execution.legs.flow_volume.delayMs).toBe(1000);
    expect(execution.timeToTelemetryMs).toBe(1100);
    expect(execution.timeToAlertMs).toBe(3000);
  });
});
