import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const recorded = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../fixtures/telemetry/${name}`, import.meta.url)), 'utf8');

const lines = (...texts: readonly string[]): string => `${texts.join('\n')}\n`;

/** A log of each product, by the name of its reader: what our lab recorded, else what the vendor's page shows. */
export const examples: Readonly<Record<string, string>> = {
  cef: lines(
    'Sep 19 08:26:10 host CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232',
    'CEF:0|Acme|Firewall|1|1|session end|3|src=10.0.0.7 spt=50001 dst=10.0.0.9 dpt=21 proto=TCP app=FTP out=20000 in=700 act=allowed',
  ),
  filezilla: lines(
    '2024-03-09T16:36:15.643Z << [FTP Session 3 192.168.0.18] 220-FileZilla Server 1.8.1',
    '2024-03-09T16:36:15.676Z >> [FTP Session 3 192.168.0.18] USER test',
    '(000012)24.11.2026 18:00:00 - eve (10.0.0.7)> STOR plan.zip',
  ),
  'iis-ftp': lines(
    '#Software: Microsoft Internet Information Services 10.0',
    '#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus',
    '2012-01-15 02:08:16 10.0.0.7 user01 10.0.0.9 40063 DataChannelOpened - - 0 0',
    '2012-01-15 02:08:16 10.0.0.7 user01 10.0.0.9 21 STOR file.txt 425 1236 0',
  ),
  leef: lines(
    'LEEF:2.0|Acme|Firewall|2|accept|^|src=10.0.0.7^dst=10.0.0.9^srcPort=50001^dstPort=445^srcBytes=20000^action=Accept',
    'Jan 18 11:07:53 192.168.1.1 LEEF:1.0|Acme|Firewall|1|drop|src=10.0.0.7\tdst=10.0.0.9\tdstPort=21\taction=drop',
  ),
  proftpd: recorded('proftpd/extended.log'),
  'samba-audit': recorded('samba-audit/syslog.log'),
  squid: recorded('squid/access.log'),
  tftpd: recorded('tftpd/syslog.log'),
  vsftpd: recorded('vsftpd/vsftpd.log'),
  'windows-firewall': lines(
    '#Version: 1.5',
    '#Software: Microsoft Windows Firewall',
    '#Time Format: Local',
    '#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path',
    '',
    '2026-11-24 18:00:00 DROP TCP 10.0.0.7 10.0.0.9 57583 21 52 S 123 0 64240 - - - SEND',
    '2026-11-24 18:00:01 ALLOW TCP 10.0.0.7 10.0.0.9 57584 445 0 - 0 0 0 - - - SEND',
  ),
  xferlog: recorded('xferlog/vsftpd.log'),
};
