import { expect, it } from 'vitest';
import { bare, readLog } from './helpers.js';

// https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/configure-logging
const header =
  '#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n' +
  '#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path\n\n';

it('DROP is a prevention, ALLOW a connection of the host', async () => {
  const { reports, rows } = await readLog(
    `${header}2026-11-24 18:00:00 DROP TCP 10.0.0.7 10.0.0.9 57583 21 52 S 123 0 64240 - - - SEND
2026-11-24 18:00:01 ALLOW TCP 10.0.0.7 10.0.0.9 57584 445 0 - 0 0 0 - - - SEND
2026-11-24 18:00:02 DROP UDP fe80::1 ff02::c 1900 69 0 - - - - - - - RECEIVE
2026-11-24 18:00:03 INFO-EVENTS-LOST - - - - - - - - - - - - 7 -
`.replaceAll('\n', '\r\n'),
  );
  expect(reports).toMatchObject([
    {
      reader: 'windows-firewall',
      records: 4,
      used: 3,
      ignored: { 'firewall info-events-lost': 1 },
      rejected: 0,
    },
  ]);
  expect(bare(await rows('prevention'))).toEqual([
    {
      'event.code': 'drop',
      '@timestamp': '2026-11-24T18:00:00.000Z',
      'network.transport': 'tcp',
      'source.ip': '10.0.0.7',
      'source.port': 57583,
      'destination.ip': '10.0.0.9',
      'destination.port': 21,
      'event.reason': 'dropped by the Windows firewall, outbound',
    },
    {
      'event.code': 'drop',
      '@timestamp': '2026-11-24T18:00:02.000Z',
      'network.transport': 'udp',
      'source.ip': 'fe80::1',
      'source.port': 1900,
      'destination.ip': 'ff02::c',
      'destination.port': 69,
      'event.reason': 'dropped by the Windows firewall, inbound',
    },
  ]);
  expect(bare(await rows('connection'))).toEqual([
    {
      'event.code': 'allow',
      '@timestamp': '2026-11-24T18:00:01.000Z',
      'network.transport': 'tcp',
      'network.direction': 'egress',
      'source.ip': '10.0.0.7',
      'source.port': 57584,
      'destination.ip': '10.0.0.9',
      'destination.port': 445,
    },
  ]);
});

it('newer versions have a column for the process', async () => {
  const { rows } = await readLog(
    `${header.replace(' path', ' path pid')}2026-11-24 18:00:01 ALLOW TCP 10.0.0.7 10.0.0.9 57584 21 0 - 0 0 0 - - - SEND 4242\n`,
  );
  expect(await rows('connection')).toMatchObject([{ 'process.pid': 4242 }]);
});
