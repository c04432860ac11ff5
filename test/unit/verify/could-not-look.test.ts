import { describe, expect, it } from 'vitest';
import {
  change,
  drop,
  firstBroken,
  gapsOf,
  goodWorld,
  silence,
  variants,
  verifyFirst,
  verifyWorld,
  type World,
} from '../../helpers/verify-world.js';

const failure = { code: 'timeout', message: 'no answer in 30 s', remedy: 'look at the SIEM' };
const ours = (row: { 'event.id'?: unknown }) => !String(row['event.id']).includes('life');

/** The SIEM's source for these legs fails, and gives nothing. */
function failSource(world: World, source: string): void {
  world.collection.siem = world.collection.siem.map((each) =>
    each.source === source ? { ...each, error: failure, records: 0 } : each,
  );
}

describe('a source that did not answer', () => {
  it('makes the leg unknown with the error, never missing', async () => {
    const world = goodWorld(variants.ftpPassive);
    failSource(world, 'gateway');
    drop(world.siem, 'transfer', (row) => row['observer.type'] === 'server');
    const result = await verifyWorld(world);
    const [execution] = result.executions;
    expect(execution?.legs.gateway_log).toMatchObject({ state: 'unknown', evidence: [] });
    expect(execution?.legs.gateway_log.text).toContain('no answer in 30 s');
    expect(execution?.gaps).toEqual([]);
    // The alert was found: that much is known.
    expect(execution?.outcome).toBe('alerted');
    expect(execution?.errors).toEqual([expect.objectContaining({ code: 'siem-unreadable' })]);
    expect(result.errors).toEqual([expect.objectContaining({ where: 'siem, gateway', code: 'timeout' })]);
  });

  it('tells what the host saw, and leaves shipping unknown', async () => {
    const world = goodWorld(variants.smb);
    failSource(world, 'winlogbeat');
    drop(world.siem, 'process', () => true);
    drop(world.siem, 'connection', () => true);
    silence(world);
    const { chain, legs, gaps } = await verifyFirst(world);
    expect([legs.process_creation.state, legs.network_connection.state]).toEqual(['unknown', 'unknown']);
    expect(chain.find(({ link }) => link === 'sense')?.state).toBe('ok');
    expect(chain.find(({ link }) => link === 'ship')).toMatchObject({
      state: 'unknown',
      cause: 'siem-unreadable',
    });
    expect(gaps).toEqual([]);
  });

  it('is an error where alerts could not be read, not "logged"', async () => {
    const world = goodWorld(variants.smb);
    world.collection.alerts.error = failure;
    silence(world);
    const execution = await verifyFirst(world);
    expect(execution).toMatchObject({ outcome: 'error', met: false });
    expect(execution.chain.find(({ link }) => link === 'alert')).toMatchObject({
      state: 'unknown',
      cause: 'siem-unreadable',
    });
  });

  it('is an error for a control as well: silence was not heard', async () => {
    const world = goodWorld(variants.control);
    world.collection.alerts.error = failure;
    expect(await verifyFirst(world)).toMatchObject({ outcome: 'error', met: false });
  });

  it('is an error where nothing was found and something was not looked at, and "none" where all was', async () => {
    const world = goodWorld(variants.smb);
    for (const table of ['process', 'connection', 'transfer', 'flow'] as const) drop(world.siem, table, ours);
    silence(world);
    expect(await verifyFirst(world)).toMatchObject({ outcome: 'none', met: false });
    failSource(world, 'zeek-conn');
    expect(await verifyFirst(world)).toMatchObject({ outcome: 'error' });
  });
});

describe('neither the SIEM nor the host could be read', () => {
  it('leaves sense unknown as well, with its own cause', async () => {
    const world = goodWorld(variants.smb);
    failSource(world, 'winlogbeat');
    world.host = {};
    world.collection.host = world.collection.host.map((each) => ({ ...each, error: failure }));
    for (const table of ['process', 'connection'] as const) drop(world.siem, table, () => true);
    silence(world);
    const { chain, gaps } = await verifyFirst(world);
    expect(chain.find(({ link }) => link === 'sense')).toMatchObject({
      state: 'unknown',
      cause: 'host-log-unreadable',
    });
    expect(gaps).toEqual([]);
  });
});

describe("the host's own channels were not read", () => {
  function hostUnread(world: World, why: 'failed' | 'not asked'): void {
    world.host = {};
    world.collection.host =
      why === 'not asked'
        ? []
        : world.collection.host.map((each) => ({
            ...each,
            records: 0,
            error: { ...failure, message: 'access is denied' },
          }));
  }

  it.each(['failed', 'not asked'] as const)(
    '%s: not sensed and not shipped cannot be told apart',
    async (why) => {
      const world = goodWorld(variants.ftpPassive);
      hostUnread(world, why);
      drop(world.siem, 'connection', () => true);
      silence(world);
      const execution = await verifyFirst(world);
      expect(gapsOf(execution)).toEqual(['sense network_connection sense-or-ship']);
      const remedy = execution.gaps[0]?.remedy ?? '';
      expect(remedy).toContain('<NetworkConnect');
      expect(remedy).toContain('winlogbeat');
      if (why === 'failed') expect(execution.legs.network_connection.text).toContain('access is denied');
    },
  );

  it('what the SIEM has was sensed and shipped all the same', async () => {
    const world = goodWorld(variants.ftpActive);
    hostUnread(world, 'not asked');
    const execution = await verifyFirst(world);
    expect(execution.chain.every(({ state }) => state === 'ok')).toBe(true);
    expect(gapsOf(execution)).toEqual([]);
  });

  it('a field that is absent may not have been recorded or not have been mapped', async () => {
    const world = goodWorld(variants.ftpPassive);
    hostUnread(world, 'not asked');
    change(world.siem, 'connection', ours, () => ({ 'destination.port': null }));
    silence(world);
    const execution = await verifyFirst(world);
    expect(gapsOf(execution)).toEqual(['parse network_connection sense-or-parse']);
    expect(execution.legs.network_connection).toMatchObject({
      state: 'partial',
      missingFields: ['destination.port'],
    });
  });

  it('one unreadable channel does not hide what another says', async () => {
    const world = goodWorld(variants.smb);
    world.collection.host = world.collection.host.map((each) =>
      each.channel === 'sysmon' ? { ...each, error: failure } : each,
    );
    drop(world.host, 'process', (row) => row['event.module'] === 'sysmon');
    drop(world.host, 'connection', (row) => row['event.module'] === 'sysmon');
    drop(world.siem, 'connection', (row) => row['event.module'] === 'sysmon');
    const execution = await verifyFirst(world);
    expect(gapsOf(execution)).toEqual(['sense network_connection sense-or-ship']);
    expect(execution.legs.network_connection.state).toBe('partial');
  });

  it('a telemetry folder without collection.json is taken as fully read', async () => {
    const world = goodWorld(variants.ftpPassive);
    drop(world.siem, 'connection', () => true);
    silence(world);
    const unsaid = { ...world, collection: null };
    const execution = await verifyFirst(unsaid);
    expect(gapsOf(execution)).toEqual(['ship network_connection forwarder-dropped']);
  });
});

describe('sources without a channel on the host', () => {
  const ofSensor = (row: { 'observer.type'?: unknown }) => row['observer.type'] === 'sensor';
  const gone = {
    protocol_log: (world: World) => drop(world.siem, 'transfer', ofSensor),
    flow_volume: (world: World) => drop(world.siem, 'flow', () => true),
    gateway_log: (world: World) => drop(world.siem, 'transfer', (row) => row['observer.type'] === 'server'),
  };

  it.each([
    ['protocol_log', 'protocol-log-missing'],
    ['flow_volume', 'flow-log-missing'],
  ] as const)(
    '%s: where the sensor ships its other logs, this one is not written: %s',
    async (leg, cause) => {
      const world = goodWorld(variants.ftpPassive);
      gone[leg](world);
      const execution = await verifyFirst(world);
      expect(gapsOf(execution)).toEqual([`sense ${leg} ${cause}`]);
      expect(execution.legs[leg].text).toContain("records of the sensor's other logs arrived");
      // The same from the other side of the forwarder: this cannot be told from the SIEM, and the text says so.
      expect(execution.gaps[0]?.text).toContain(
        'A forwarder that leaves out this one log would look the same',
      );
    },
  );

  it('nothing of the sensor at all is sense or ship', async () => {
    const world = goodWorld(variants.ftpPassive);
    gone.protocol_log(world);
    gone.flow_volume(world);
    silence(world);
    const execution = await verifyFirst(world);
    expect(gapsOf(execution)).toEqual([
      'sense protocol_log sense-or-ship',
      'sense flow_volume sense-or-ship',
    ]);
    expect(firstBroken(execution)).toBe('sense');
    expect(execution.gaps[0]?.remedy).toContain('Filebeat');
  });

  it('an exporter of flows alone says nothing of a protocol log', async () => {
    const world = goodWorld(variants.ftpPassive);
    gone.protocol_log(world);
    change(
      world.siem,
      'flow',
      () => true,
      () => ({ 'event.module': 'netflow' }),
    );
    expect(gapsOf(await verifyFirst(world))).toEqual(['sense protocol_log sense-or-ship']);
  });

  it("nothing of the server's log at all is sense or ship", async () => {
    const world = goodWorld(variants.tftp);
    gone.gateway_log(world);
    expect(gapsOf(await verifyFirst(world))).toEqual(['sense gateway_log sense-or-ship']);
  });
});
