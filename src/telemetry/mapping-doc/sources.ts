import { asimShape } from '../asim/shape.js';
import { defenderXdrShape } from '../defender-xdr/shape.js';
import { alertShape } from '../ecs/alert.js';
import { sinkLogShape } from '../ecs/sink-log.js';
import type { JsonShape } from '../json/shape.js';
import { nfdumpShape } from '../netflow/nfdump.js';
import { flowColumns } from '../pcap/flows.js';
import { encryptedTransfers, smbTransfers } from '../pcap/smb.js';
import { ftpTransfers, tftpTransfers } from '../pcap/transfers.js';
import type { Mapping } from '../sql/mapping.js';
import { suricataShape } from '../suricata/shape.js';
import { cefFormat } from '../text/cef.js';
import { filezillaFormat } from '../text/filezilla.js';
import { iisFtpFormat } from '../text/iis-ftp.js';
import { leefFormat } from '../text/leef.js';
import { proftpdFormat } from '../text/proftpd.js';
import { sambaAuditFormat } from '../text/samba-audit.js';
import { squidFormat } from '../text/squid.js';
import { tftpdFormat } from '../text/tftpd.js';
import { vsftpdFormat } from '../text/vsftpd.js';
import { windowsFirewallFormat } from '../text/windows-firewall.js';
import { xferlogFormat } from '../text/xferlog.js';
import { flatCsvShape, getWinEventShape } from '../windows/csv.js';
import { nxlogShape, sysmonDataShape } from '../windows/flat.js';
import { eventObjectShape, sentinelShape } from '../windows/nested.js';
import { splunkShape } from '../windows/splunk.js';
import { wazuhShape } from '../windows/wazuh.js';
import { winlogbeat6Shape } from '../windows/winlogbeat-6.js';
import { winlogbeatShape } from '../windows/winlogbeat.js';
import { xmlEventShape } from '../xml/shape.js';
import { zeekMappings } from '../zeek/mappings.js';

/** What holds a mapping to the truth: of the last, names and values of fields, in records that the tests make of them. */
export type Pin =
  | 'a real record of the fixtures'
  | 'a record of our own tools'
  | "the vendor's documented example"
  | "the vendor's documented fields";

/** One reader, for the document. */
export interface Source {
  readonly title: string;
  readonly page: string;
  readonly pinned: readonly Pin[];
  /** What a reader of the table has to know. */
  readonly note?: string;
  /** Its own mappings; a Windows exporter has those of Windows' events instead. */
  readonly mappings?: readonly Mapping[];
  /** For an exporter of Windows' events: where the fields lie. */
  readonly windows?: Pick<JsonShape, 'paths' | 'derive'>;
  readonly columns?: readonly (readonly [table: string, columns: Readonly<Record<string, string>>])[];
}

const real: Pin = 'a real record of the fixtures';
const own: Pin = 'a record of our own tools';
const documented: Pin = "the vendor's documented example";
const fields: Pin = "the vendor's documented fields";

const text = (
  title: string,
  { page, mappings }: { readonly page: string; readonly mappings: readonly Mapping[] },
  ...pinned: readonly Pin[]
): Source => ({ title, page, mappings, pinned });

/** By the reader's name. */
export const sources: Readonly<Record<string, Source>> = {
  asim: {
    title: 'Microsoft Sentinel, ASIM tables and parsers',
    page: 'https://learn.microsoft.com/azure/sentinel/normalization-about-schemas',
    mappings: asimShape.mappings,
    pinned: [fields],
  },
  'asim-csv': {
    title: 'Microsoft Sentinel, ASIM tables and parsers, as comma-separated values',
    page: 'https://learn.microsoft.com/azure/sentinel/normalization-about-schemas',
    note: 'Tables as under asim; columns by their names in the header.',
    pinned: [fields],
  },
  cef: text('ArcSight Common Event Format', cefFormat, documented),
  'defender-xdr': {
    title: 'Microsoft Defender XDR, advanced hunting',
    page: 'https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables',
    mappings: defenderXdrShape.mappings,
    pinned: [fields],
    note: 'DeviceNetworkEvents has no byte counts: flow volume stays absent. Attempts and failures of connections are counted, not mapped.',
  },
  'defender-xdr-csv': {
    title: 'Microsoft Defender XDR, advanced hunting, as comma-separated values',
    page: 'https://learn.microsoft.com/defender-xdr/advanced-hunting-query-results',
    note: 'Tables as under defender-xdr; columns by their names in the header.',
    pinned: [fields],
  },
  'ecs-alert': {
    title: 'Alerts of a SIEM, as ECS documents',
    page: 'https://www.elastic.co/docs/reference/ecs/ecs-field-reference',
    mappings: alertShape.mappings,
    pinned: [own],
  },
  evtx: {
    title: 'Windows event log files',
    page: 'https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc',
    windows: xmlEventShape,
    pinned: [real],
  },
  filezilla: text('FileZilla Server', filezillaFormat, documented),
  'get-winevent-csv': {
    title: 'Get-WinEvent | Export-Csv',
    page: 'https://learn.microsoft.com/powershell/module/microsoft.powershell.diagnostics/get-winevent',
    windows: getWinEventShape,
    note: 'EventData is in the rendered message alone, by its English labels. TimeCreated has no zone: rows of the audit log have no time unless it was exported as RFC 3339 (ToUniversalTime().ToString("o")). Sysmon has UtcTime.',
    pinned: [fields],
  },
  'iis-ftp': text('Internet Information Services, FTP service', iisFtpFormat, documented),
  leef: text('QRadar Log Event Extended Format', leefFormat, documented),
  nfdump: {
    title: 'NetFlow, IPFIX, sFlow through nfdump -o json',
    page: 'https://github.com/phaag/nfdump',
    mappings: nfdumpShape.mappings,
    pinned: [own],
    note: 'One direction per record. Times have no zone and are read as UTC: run nfdump with TZ=UTC. Counters of sampled flows are estimates, and say so in flow.state.',
  },
  nxlog: {
    title: 'NXLog im_msvistalog, and collectors that keep its flat layout (HELK, Logstash)',
    page: 'https://docs.nxlog.co/refman/current/im/msvistalog.html',
    windows: nxlogShape,
    pinned: [real],
  },
  parquet: {
    title: 'Telemetry that hunt --save wrote',
    page: 'https://parquet.apache.org/docs/file-format/',
    note: 'The tables of the model as they are: no mapping.',
    pinned: [own],
  },
  pcap: {
    title: 'Captures, through tshark',
    page: 'https://www.wireshark.org/docs/dfref/',
    note: 'Packets are put together by stream in SQL (src/telemetry/pcap): `r.` stands for what that gives.',
    columns: [
      ['flow', flowColumns],
      ['transfer (FTP)', ftpTransfers.columns],
      ['transfer (TFTP)', tftpTransfers.columns],
      ['transfer (SMB)', smbTransfers("'<file>:'").columns],
      ['transfer (SMB, encrypted)', encryptedTransfers.columns],
    ],
    pinned: [real],
  },
  proftpd: text('ProFTPD', proftpdFormat, own),
  'samba-audit': text('Samba vfs_full_audit', sambaAuditFormat, own),
  sentinel: {
    title: 'Microsoft Sentinel: SecurityEvent, Event, WindowsEvent',
    page: 'https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityevent',
    windows: sentinelShape,
    note: "EventData is looked into first, as XML or JSON; then the table's own column of the name.",
    pinned: [real],
  },
  'sink-log': {
    title: "The sinks' own log",
    page: 'https://www.elastic.co/docs/reference/ecs/ecs-field-reference',
    mappings: sinkLogShape.mappings,
    pinned: [own],
  },
  splunk: {
    title: 'Splunk, search results exported as JSON',
    page: 'https://help.splunk.com/en/splunk-enterprise/search/search-manual/export-search-results/export-search-results',
    windows: splunkShape,
    note: "The event's XML in `result._raw` (XmlWinEventLog) counts before fields of the same name and before those of the Common Information Model.",
    pinned: [fields],
  },
  squid: text('Squid access.log', squidFormat, own),
  suricata: {
    title: 'Suricata EVE',
    page: 'https://docs.suricata.io/en/latest/output/eve/eve-json-format.html',
    mappings: suricataShape.mappings,
    pinned: [real, own],
  },
  'sysmon-data': {
    title: "Sysmon's event data alone",
    page: 'https://learn.microsoft.com/sysinternals/downloads/sysmon',
    windows: sysmonDataShape,
    note: 'The kind of event is told by the fields that only it has.',
    pinned: [real],
  },
  tftpd: text('tftpd-hpa', tftpdFormat, own),
  vsftpd: text('vsftpd', vsftpdFormat, own),
  wazuh: {
    title: 'Wazuh, alerts.json and archives.json',
    page: 'https://documentation.wazuh.com/current/user-manual/capabilities/log-data-collection/how-to-collect-wlogs.html',
    windows: wazuhShape,
    note: 'Below `data.win`, `win`, or the JSON text in `full_log`. Values of EventData were written as JSON twice and are XML still: both is undone.',
    pinned: [fields],
  },
  'windows-csv': {
    title: "Windows events as comma-separated values, with EventData's names as columns",
    page: 'https://learn.microsoft.com/dotnet/api/system.diagnostics.eventing.reader.eventrecord',
    windows: flatCsvShape,
    pinned: [fields],
  },
  'windows-event-json': {
    title: "Windows events' XML as JSON: evtx_dump and others",
    page: 'https://github.com/omerbenamram/evtx',
    windows: eventObjectShape,
    note: 'EventData may be an object, a list of {Name, text}, or a list of values without names.',
    pinned: [real, fields],
  },
  'windows-firewall': text('Windows firewall, pfirewall.log', windowsFirewallFormat, documented),
  'windows-xml': {
    title: 'Windows events as XML (wevtutil, Get-WinEvent, Splunk XmlWinEventLog)',
    page: 'https://learn.microsoft.com/windows/win32/wes/eventschema-schema',
    windows: xmlEventShape,
    pinned: [own, fields],
  },
  winlogbeat: {
    title: 'Winlogbeat, Elastic Agent',
    page: 'https://www.elastic.co/docs/reference/beats/winlogbeat/exported-fields-winlog',
    windows: winlogbeatShape,
    pinned: [fields],
  },
  'winlogbeat-6': {
    title: 'Winlogbeat 6, HELK',
    page: 'https://www.elastic.co/guide/en/beats/winlogbeat/6.8/exported-fields-eventlog.html',
    windows: winlogbeat6Shape,
    pinned: [fields],
  },
  xferlog: text('xferlog (wu-ftpd, vsftpd, ProFTPD)', xferlogFormat, own),
  'zeek-json': {
    title: 'Zeek, JSON',
    page: 'https://docs.zeek.org/en/master/logs/',
    note: 'Tables as under zeek-tsv; keys with dots, with underscores, or nested.',
    pinned: [real, fields],
  },
  'zeek-tsv': {
    title: 'Zeek, TSV',
    page: 'https://docs.zeek.org/en/master/logs/',
    mappings: zeekMappings,
    pinned: [real],
  },
};
