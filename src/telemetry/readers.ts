import { registry } from '../core/index.js';
import { asim } from './readers/asim.js';
import { asimCsv } from './readers/asim-csv.js';
import { cef } from './readers/cef.js';
import { defenderXdr } from './readers/defender-xdr.js';
import { defenderXdrCsv } from './readers/defender-xdr-csv.js';
import { ecsAlert } from './readers/ecs-alert.js';
import { evtx } from './readers/evtx.js';
import { filezilla } from './readers/filezilla.js';
import { getWinEventCsv } from './readers/get-winevent-csv.js';
import { iisFtp } from './readers/iis-ftp.js';
import { leef } from './readers/leef.js';
import { nfdump } from './readers/nfdump.js';
import { nxlog } from './readers/nxlog.js';
import { parquet } from './readers/parquet.js';
import { pcap } from './readers/pcap.js';
import { proftpd } from './readers/proftpd.js';
import { sambaAudit } from './readers/samba-audit.js';
import { sentinel } from './readers/sentinel.js';
import { sinkLog } from './readers/sink-log.js';
import { splunk } from './readers/splunk.js';
import { squid } from './readers/squid.js';
import { suricata } from './readers/suricata.js';
import { sysmonData } from './readers/sysmon-data.js';
import { tftpd } from './readers/tftpd.js';
import { vsftpd } from './readers/vsftpd.js';
import { wazuh } from './readers/wazuh.js';
import { windowsCsv } from './readers/windows-csv.js';
import { windowsEventJson } from './readers/windows-event-json.js';
import { windowsFirewall } from './readers/windows-firewall.js';
import { windowsXml } from './readers/windows-xml.js';
import { winlogbeat } from './readers/winlogbeat.js';
import { winlogbeat6 } from './readers/winlogbeat-6.js';
import { xferlog } from './readers/xferlog.js';
import { zeekJson } from './readers/zeek-json.js';
import { zeekTsv } from './readers/zeek-tsv.js';
import type { Reader } from './types.js';

/** One reader per product and format, by name. */
export const readers = registry('reader', {
  asim,
  'asim-csv': asimCsv,
  cef,
  'defender-xdr': defenderXdr,
  'defender-xdr-csv': defenderXdrCsv,
  'ecs-alert': ecsAlert,
  evtx,
  filezilla,
  'get-winevent-csv': getWinEventCsv,
  'iis-ftp': iisFtp,
  leef,
  nfdump,
  nxlog,
  parquet,
  pcap,
  proftpd,
  'samba-audit': sambaAudit,
  sentinel,
  'sink-log': sinkLog,
  splunk,
  squid,
  suricata,
  'sysmon-data': sysmonData,
  tftpd,
  vsftpd,
  wazuh,
  'windows-csv': windowsCsv,
  'windows-event-json': windowsEventJson,
  'windows-firewall': windowsFirewall,
  'windows-xml': windowsXml,
  winlogbeat,
  'winlogbeat-6': winlogbeat6,
  xferlog,
  'zeek-json': zeekJson,
  'zeek-tsv': zeekTsv,
} satisfies Readonly<Record<string, Reader>>);
