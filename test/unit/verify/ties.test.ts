import { describe, expect, it } from 'vitest';
import {
  change,
  drop,
  gapsOf,
  goodWorld,
  hostAddress,
  iso,
  sinkAddress,
  variants,
  verifyFirst,
  verifyWorld,
  type ModelRow,
} from '../../helpers/verify-world.js';

const id = (row: ModelRow) => String(row['event.id']);
const alert = (row: ModelRow): ModelRow => ({
  'event.id': 'alert-x',
  'event.module': 'siem',
  '@timestamp': iso(5000),
  'rule.name': 'AN1169',
  'host.name': 'ws01.lab.example',
  ...row,
});

describe('which execution an alert is about', () => {
  it.each([
    [
      'command line',
      (own: string): ModelRow => ({ 'process.command_line': `cmd /c copy X:\\${own.toUpperCase()}.DAT` }),
    ],
    ['file name', (own: string): ModelRow => ({ 'file.name': `${own}.dat` })],
    ['entity id', (own: string): ModelRow => ({ 'process.entity_id': `${own}-initiator` })],
    ['a record that it came from', (own: string): ModelRow => ({ 'alert.evidence': [`conn/${own}-0`] })],
    ['process id on the host', (): ModelRow => ({ 'process.pid': 11_002, '@timestamp': iso(11_000) })],
    [
      '5-tuple, either way round',
      (): ModelRow => ({
        'source.ip': sinkAddress,
        'source.port': 445,
        'destination.ip': hostAddress,
        'destination.port': 50_011,
        '@timestamp': iso(11_000),
      }),
    ],
    [
      'host, destination and time',
      (): ModelRow => ({ 'destination.ip': sinkAddress, 'destination.port': 445, '@timestamp': iso(12_500) }),
    ],
  ])('by %s', async (_, to) => {
    const world = goodWorld(variants.ftpPassive, variants.smb);
    world.siem.alert = [alert(to(world.ids[1] ?? ''))];
    const result = await verifyWorld(world);
    expect(result.executions.map(({ alerts }) => alerts.length)).toEqual([0, 1]);
    expect(result.alerts).toEqual([expect.objectContaining({ id: 'alert-x', execution: world.ids[1] })]);
    expect(result.falsePositives).toEqual([]);
  });

  it('a process id of another host or another time is none', async () => {
    const world = goodWorld(variants.smb);
    world.siem.alert = [
      alert({ 'event.id': 'a', 'process.pid': 1002, 'host.name': 'WS02' }),
      alert({ 'event.id': 'b', 'process.pid': 1002, '@timestamp': iso(-600_000) }),
    ];
    const result = await verifyWorld(world);
    expect(result.executions[0]?.alerts).toEqual([]);
    expect(result.falsePositives.map((each) => each.id)).toEqual(['b', 'a']);
  });

  it('an alert on a control is a false positive and an unmet expectation, not a gap', async () => {
    const world = goodWorld(variants.control);
    world.siem.alert = [alert({ 'file.name': `${world.ids[0] ?? ''}.dat` })];
    const result = await verifyWorld(world);
    expect(result.executions[0]).toMatchObject({ outcome: 'alerted', met: false, gaps: [] });
    expect(result.falsePositives).toEqual([
      expect.objectContaining({ id: 'alert-x', execution: world.ids[0] }),
    ]);
  });

  it('one that was delivered twice counts once', async () => {
    const world = goodWorld(variants.smb);
    world.siem.alert = [...(world.siem.alert ?? []), ...(world.siem.alert ?? [])];
    expect((await verifyFirst(world)).alerts).toHaveLength(1);
  });
});

describe("the runner's own shell", () => {
  it('is no initiator: its command line alone is no process_creation', async () => {
    const world = goodWorld(variants.smb);
    for (const tables of [world.host, world.siem])
      drop(tables, 'process', (row) => id(row).endsWith('-initiator'));
    expect(gapsOf(await verifyFirst(world))).toContain('sense process_creation process-creation-not-logged');
  });
});

describe('how a connection is tied', () => {
  it('by pid where a product has no entity ids', async () => {
    const world = goodWorld(variants.ftpActive);
    world.hits = [];
    world.plan.executions = world.plan.executions.map((each) => ({
      ...each,
      expected: { ...each.expected, outcome: 'logged' },
    }));
    for (const tables of [world.host, world.siem]) {
      drop(tables, 'process', (row) => row['event.module'] === 'sysmon');
      drop(tables, 'connection', (row) => row['event.module'] === 'sysmon');
    }
    world.collection.host = world.collection.host.filter(({ channel }) => channel !== 'sysmon');
    const execution = await verifyFirst(world);
    expect(execution.attribution).toMatchObject({ grade: 'lineage', via: 'pid', socketOwner: { pid: 1003 } });
    expect(gapsOf(execution)).toEqual([]);
  });

  it('a weaker grade after a damaged record is a consequence, not a second fault', async () => {
    const world = goodWorld(variants.ftpPassive);
    change(
      world.siem,
      'connection',
      (row) => id(row).includes(world.ids[0] ?? '?'),
      () => ({ 'destination.port': null }),
    );
    world.hits = world.hits.map((hit) => ({ ...hit, attribution: 'inferred' }));
    const execution = await verifyFirst(world);
    expect(gapsOf(execution)).toEqual(['parse network_connection field-unmapped']);
    expect(execution.chain.find(({ link }) => link === 'correlate')?.state).toBe('unknown');
  });

  it('keys that the SIEM changed are a matter of correlation', async () => {
    const world = goodWorld(variants.tftp);
    change(
      world.siem,
      'connection',
      (row) => id(row).includes(world.ids[0] ?? '?'),
      () => ({
        'process.entity_id': 'ffffffff',
        'process.pid': 99_999,
      }),
    );
    world.hits = world.hits.map((hit) => ({ ...hit, attribution: 'inferred', via: 'time' }));
    expect(gapsOf(await verifyFirst(world))).toEqual(['correlate network_connection process-key-mismatch']);
  });

  it('lineage ends at the session: a child of the runner’s shell alone has no initiator', async () => {
    const world = goodWorld(variants.ftpActive);
    world.hits = [];
    for (const tables of [world.host, world.siem]) {
      drop(tables, 'process', (row) => id(row).endsWith('-initiator'));
      change(
        tables,
        'process',
        (row) => id(row).endsWith('-owner'),
        (row) => ({
          'process.parent.entity_id': String(row['process.parent.entity_id']).replace('initiator', 'shell'),
          'process.parent.pid': 1001,
        }),
      );
    }
    expect((await verifyFirst(world)).attribution.grade).toBe('none');
  });

  it('to System it is inferred, whatever the analytic says of lineage elsewhere', async () => {
    const world = goodWorld(variants.smb);
    world.hits = [];
    expect((await verifyFirst(world)).attribution).toMatchObject({ grade: 'inferred', via: 'command_line' });
  });
});

describe('traps', () => {
  it('13: a reused SMB connection is not expected again, and its flow is shared', async () => {
    const world = goodWorld(variants.smb, {
      ...variants.smb,
      scenario: 'powershell-smb-copy',
      initiator: 'powershell',
    });
    const [first, second] = world.receipts;
    if (first === undefined || second === undefined) throw new Error('no receipts');
    world.receipts = [first, { ...second, sockets: first.sockets }];
    for (const tables of [world.host, world.siem])
      drop(tables, 'connection', (row) => id(row).includes(world.ids[1] ?? '?'));
    drop(world.siem, 'flow', (row) => id(row).includes(world.ids[1] ?? '?'));
    change(
      world.siem,
      'flow',
      (row) => id(row).includes(world.ids[0] ?? '?'),
      () => ({ 'source.bytes': 600_240 }),
    );
    const [one, two] = (await verifyWorld(world)).executions;
    expect(one?.legs.network_connection.state).toBe('seen');
    expect(two?.legs.network_connection.state).toBe('not_applicable');
    expect(two?.volume.grade).toBe('partial');
    expect([one, two].flatMap((each) => (each === undefined ? [] : gapsOf(each)))).toEqual([]);
  });

  it('11: counters with headers are compared after allowing for them', async () => {
    const world = goodWorld(variants.smb);
    // 300,000 bytes in 210 packets: each with 20 bytes of IPv4 and 20 of TCP header, and 14 of Ethernet in a frame.
    change(
      world.siem,
      'flow',
      (row) => id(row).startsWith('conn/d'),
      () => ({
        'flow.counter': 'frame',
        'source.packets': 210,
        'source.bytes': 300_000 + 210 * 54,
      }),
    );
    expect((await verifyFirst(world)).volume).toEqual({
      grade: 'measured',
      bytesOut: 300_000,
      truth: 300_000,
      errorPercent: 0,
    });
  });

  it('11: pieces of a flow add up, a second sensor and a duplicate do not', async () => {
    const world = goodWorld(variants.smb);
    const whole = world.siem.flow?.find((row) => id(row).startsWith('conn/d')) ?? {};
    drop(world.siem, 'flow', (row) => id(row).startsWith('conn/d'));
    const piece = (name: string, bytes: number, more: ModelRow = {}) => ({
      ...whole,
      'event.id': name,
      'source.bytes': bytes,
      ...more,
    });
    world.siem.flow?.push(
      piece('p1', 100_000),
      piece('p2', 200_000),
      piece('p2', 200_000),
      piece('other', 299_000, { 'observer.name': 'second' }),
    );
    expect((await verifyFirst(world)).volume).toMatchObject({ grade: 'measured', bytesOut: 300_000 });
  });

  it('4: the request of TFTP, which Zeek does not count, takes nothing from the measurement', async () => {
    const world = goodWorld(variants.tftp);
    change(
      world.siem,
      'flow',
      (row) => row['destination.port'] === 69,
      () => ({ 'source.bytes': null, 'destination.bytes': null }),
    );
    const execution = await verifyFirst(world);
    expect(execution.volume).toMatchObject({ grade: 'measured', bytesOut: 300_000, truth: 300_120 });
    expect(gapsOf(execution)).toEqual([]);
    change(
      world.siem,
      'flow',
      (row) => row['source.port'] === 40_002,
      () => ({ 'destination.bytes': 3000 }),
    );
    expect(gapsOf(await verifyFirst(world))).toEqual(['sense flow_volume flow-incomplete']);
  });

  it('a 5-tuple that comes again is told by its time', async () => {
    const world = goodWorld(variants.ftpPassive);
    const again = (world.siem.flow ?? [])
      .filter((row) => id(row).startsWith('conn/d'))
      .map((row) => ({
        ...row,
        'event.id': `${id(row)}-old`,
        'event.start': iso(-3_000_000),
        'source.bytes': 9_000_000,
      }));
    world.siem.flow?.push(...again);
    const execution = await verifyFirst(world);
    expect(execution.volume.grade).toBe('measured');
    expect(execution.legs.flow_volume.evidence.filter((each) => each.endsWith('-old'))).toEqual([]);
  });

  it('10: host names in any form are one host', async () => {
    const world = goodWorld(variants.ftpActive);
    change(
      world.siem,
      'process',
      () => true,
      () => ({ 'host.name': 'ws01.lab.example' }),
    );
    change(
      world.siem,
      'connection',
      () => true,
      () => ({ 'host.name': `::ffff:${hostAddress}` }),
    );
    expect(gapsOf(await verifyFirst(world))).toEqual([]);
  });

  it('rows without a time are joined by tuple all the same', async () => {
    const world = goodWorld(variants.ftpPassive);
    change(
      world.siem,
      'flow',
      () => true,
      () => ({ 'event.start': null, 'event.end': null }),
    );
    change(
      world.siem,
      'transfer',
      () => true,
      () => ({ '@timestamp': null }),
    );
    expect(gapsOf(await verifyFirst(world))).toEqual([]);
  });

  it('TFTP seen by a sensor that has a log for it counts, though nobody asked', async () => {
    const world = goodWorld(variants.tftp);
    world.siem.transfer?.push({
      'event.id': 'suricata/1',
      'event.module': 'suricata',
      'observer.type': 'sensor',
      '@timestamp': iso(1000),
      'network.protocol': 'tftp',
      'source.ip': hostAddress,
      'destination.ip': sinkAddress,
      'event.action': 'write',
      'file.name': `${world.ids[0] ?? ''}.dat`,
    });
    expect((await verifyFirst(world)).legs.protocol_log.state).toBe('seen');
  });
});

describe('clock skew', () => {
  const shift = (ms: number) => (row: ModelRow) => ({
    '@timestamp': new Date(Date.parse(String(row['@timestamp'])) + ms).toISOString(),
  });

  it.each([0, 90_000, -90_000, 3_600_000])(
    'of %i ms is measured from receipts, within its own uncertainty',
    async (ms) => {
      const world = goodWorld(variants.ftpPassive, variants.smb);
      for (const tables of [world.host, world.siem])
        for (const table of ['process', 'connection'] as const) change(tables, table, () => true, shift(ms));
      const [skew] = (await verifyWorld(world)).clockSkew;
      expect(Math.abs((skew?.ms ?? Infinity) - ms)).toBeLessThanOrEqual(skew?.uncertaintyMs ?? 0);
      expect(skew?.uncertaintyMs).toBeLessThanOrEqual(500);
    },
  );

  it('of 90 s that the analytic coped with is no gap', async () => {
    const world = goodWorld(variants.smb);
    for (const tables of [world.host, world.siem])
      for (const table of ['process', 'connection'] as const)
        change(tables, table, () => true, shift(90_000));
    expect(gapsOf(await verifyFirst(world))).toEqual([]);
  });

  it('is null where no event of the host tells', async () => {
    const world = goodWorld(variants.smb);
    for (const tables of [world.host, world.siem]) {
      tables.process = [];
      tables.connection = [];
    }
    expect((await verifyWorld(world)).clockSkew).toEqual([{ host: 'ws01', ms: null, uncertaintyMs: null }]);
  });
});
