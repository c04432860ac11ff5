import { describe, expect, it } from 'vitest';
import {
  createAnalytic,
  firing,
  hitSchema,
  hits,
  summary,
  unattributedSchema,
} from '../../../src/analytic/index.js';
import {
  connected,
  context,
  explorer,
  flowed,
  judge,
  logged,
  powershell,
  started,
  storeWith,
  system32,
  type Row,
} from './rows.js';

const mebibyte = 2 ** 20;

/** One SMB-less upload: powershell.exe to port 69 keeps everything on one client port, so that bytes are what the test says. */
const upload = (out: number, into: number, rest: { readonly transfer?: readonly Row[] } = {}) => ({
  process: [
    started(0, 500, powershell, 'powershell -File up.ps1', explorer, {
      'user.domain': 'LAB',
      'user.name': 'ada',
    }),
  ],
  connection: [connected(1, 500, powershell, [50000, 69], { 'network.transport': 'udp' })],
  flow: [flowed([1, 5], [50000, 40000], [out, into], { 'network.transport': 'udp' })],
  ...rest,
});

describe('when a hit fires', () => {
  it.each([
    ['large, balanced', 10 * mebibyte, 10 * mebibyte, 'medium'],
    ['one byte short of large, balanced', 10 * mebibyte - 1, 10 * mebibyte, undefined],
    ['unbalanced, at the minimum', 10 * 1024, 100, 'low'],
    ['unbalanced, one byte short of the minimum', 10 * 1024 - 1, 100, undefined],
    ['at the threshold exactly', 90_000, 10_000, 'low'],
    ['below the threshold', 89_999, 10_001, undefined],
    ['a download', 2000, 20 * mebibyte, undefined],
  ])('%s', async (_, out, into, severity) => {
    const found = await judge(upload(out, into));
    expect(found.hits.map((hit) => hit.severity)).toEqual(severity === undefined ? [] : [severity]);
    // Small is not unattributed: the process is known.
    expect(found.unattributed).toEqual([]);
  });

  it('a file name that matches raises the severity by one', async () => {
    const transfer = (name: string) => [
      logged(1, 'tftp', [50000, 69], {
        'event.action': 'write',
        'transfer.command': 'WRQ',
        'file.name': name,
      }),
    ];
    const severity = async (name: string) =>
      (await judge(upload(20_000, 100, { transfer: transfer(name) }))).hits.map((hit) => hit.severity);
    expect(await severity('plan.txt')).toEqual(['low']);
    expect(await severity('PLAN.ZIP')).toEqual(['medium']);
    expect(await severity('0123456789abcdef0123.bin')).toEqual(['medium']);
  });

  it('no volume at all: listed as informational, with the reason', async () => {
    const { process, connection } = upload(0, 0);
    const [hit, ...others] = (await judge({ process, connection })).hits;
    expect(others).toEqual([]);
    expect(hit).toMatchObject({
      severity: 'informational',
      volume: 'absent',
      bytesOut: null,
      outboundShare: null,
    });
    expect(hit?.reasons).toContain('volume not visible');
    expect(hit !== undefined && firing(hit)).toBe(false);
  });

  it('one direction alone: the share is unknown, never 1', async () => {
    const { process, connection, flow } = upload(20_000, 0);
    const oneSided = flow.map((row) => ({ ...row, 'destination.bytes': null }));
    const { hits: found } = await judge({ process, connection, flow: oneSided });
    expect(found).toMatchObject([
      { bytesOut: 20_000, bytesIn: null, outboundShare: null, volume: 'partial', severity: 'informational' },
    ]);
  });

  it('a process that the filter does not name is neither a hit nor unattributed', async () => {
    const curl = `${system32}curl.exe`;
    const { flow } = upload(20 * mebibyte, 100);
    const found = await judge({
      process: [started(0, 700, curl, 'curl -T f tftp://10.0.0.9', explorer)],
      connection: [connected(1, 700, curl, [50000, 69], { 'network.transport': 'udp' })],
      flow,
    });
    expect(found).toEqual({ hits: [], unattributed: [] });
  });
});

describe('what the lab knows', () => {
  const approval = {
    id: 'config-push',
    owner: 'platform team',
    protocol: 'tftp',
    destination: '10.0.0.9',
  } as const;
  const approvedBy = async (rest: object) => {
    const given = context({}, { approvedTransfers: [{ ...approval, ...rest }] });
    const [hit] = (await judge(upload(20 * mebibyte, 100), given)).hits;
    return hit?.approvedBy === null ? hit.severity : `${String(hit?.approvedBy)} ${String(hit?.severity)}`;
  };

  it('an approved transfer is listed and does not alert', async () => {
    expect(await approvedBy({})).toBe('config-push informational');
    expect(await approvedBy({ hosts: ['WS1'], process: 'PowerShell.exe', maxBytes: 30 * mebibyte })).toBe(
      'config-push informational',
    );
  });

  it.each([
    ['another destination', { destination: '10.0.0.8' }],
    ['another protocol', { protocol: 'ftp' }],
    ['another host', { hosts: ['ws2'] }],
    ['another process', { process: 'robocopy.exe' }],
    ['more bytes than allowed', { maxBytes: mebibyte }],
  ])('an approval for %s covers nothing', async (_, rest) => {
    expect(await approvedBy(rest)).toBe('medium');
  });

  it('the first incident rule whose conditions all hold gives the category', async () => {
    const category = async (zone: string) => {
      const given = context(
        {},
        {
          hosts: [{ name: 'WS1', aliases: [], addresses: ['10.0.0.1'], role: 'server' }],
          sinkZones: [
            { address: '10.0.0.9', protocol: 'smb', zone: 'elsewhere' },
            { address: '10.0.0.9', protocol: 'tftp', zone },
          ],
          incidentRules: [
            { category: 'wrong protocol', protocol: 'smb' },
            { category: 'wrong role', hostRole: 'workstation' },
            { category: 'exfiltration', zone: 'internet', protocol: 'tftp', hostRole: 'server' },
            { category: 'policy', hostRole: 'server' },
          ],
        },
      );
      const [hit] = (await judge(upload(20 * mebibyte, 100), given)).hits;
      return [hit?.host.name, hit?.incidentCategory];
    };
    expect(await category('internet')).toEqual(['WS1', 'exfiltration']);
    expect(await category('internal')).toEqual(['WS1', 'policy']);
    const [plain] = (await judge(upload(20 * mebibyte, 100))).hits;
    expect(plain?.incidentCategory).toBeNull();
  });

  it("an alias of the lab's is the host, whatever telemetry calls it", async () => {
    const { process, ...rest } = upload(20 * mebibyte, 100);
    const renamed = process.map((row) => ({ ...row, 'host.name': 'desktop-77.corp' }));
    const hosts = [{ name: 'WS1', aliases: ['desktop-77.corp'], addresses: ['10.0.0.1'], role: null }];
    const [hit] = (await judge({ process: renamed, ...rest }, context({}, { hosts }))).hits;
    expect(hit?.initiator.commandLine).toBe('powershell -File up.ps1');
    const [apart] = (await judge({ process: renamed, ...rest })).hits;
    expect(apart?.initiator.commandLine).toBeNull();
  });
});

describe('the answer', () => {
  it('keeps to its schema, and ids stay when more telemetry comes in', async () => {
    const rows = upload(20 * mebibyte, 100);
    const store = await storeWith(rows);
    try {
      await createAnalytic(store, context());
      const [before] = await hits(store);
      expect(hitSchema.parse(before)).toEqual(before);
      expect(before?.initiator.user).toBe('LAB\\ada');
      await store.run(
        `insert into flow by name select * replace ('late' as "event.id", 30000000 as "source.bytes", "event.end" + interval 9 seconds as "event.end") from flow`,
      );
      await createAnalytic(store, context());
      const [after] = await hits(store);
      expect(after?.bytesOut).toBe(30_000_000);
      expect(after?.id).toBe(before?.id);
      expect(await summary(store)).toMatchObject({
        processes: 1,
        connections: 1,
        flows: 2,
        hits: 1,
        sessions: 1,
      });
    } finally {
      store.close();
    }
  });

  it('counts how endpoint and network records were joined', async () => {
    const id = { 'network.community_id': '1:abc' };
    const store = await storeWith({
      connection: [
        connected(1, 500, powershell, [50000, 445], id),
        connected(1, 500, powershell, [50001, 445]),
        connected(1, 500, powershell, [50002, 445]),
      ],
      flow: [flowed([1, 2], [50000, 445], [10, 10], id), flowed([1, 2], [50001, 445], [10, 10])],
    });
    try {
      await createAnalytic(store, context());
      expect((await summary(store)).joins).toEqual({ '5-tuple': 1, community_id: 1 });
    } finally {
      store.close();
    }
  });

  it('a refused STOR is no upload', async () => {
    const { unattributed } = await judge({
      transfer: [
        logged(1, 'ftp', [50000, 21], {
          'event.action': 'write',
          'transfer.command': 'STOR',
          'transfer.reply_code': 550,
          'event.outcome': 'failure',
          'file.name': 'x.bin',
        }),
      ],
      flow: [flowed([1, 2], [50000, 21], [80, 300])],
    });
    expect(unattributed.map((one) => unattributedSchema.parse(one))).toMatchObject([
      { direction: 'unknown', succeeded: false, fileNames: ['x.bin'] },
    ]);
    expect(unattributed[0]?.reason).toContain('refused (550)');
  });
});
