import { registry } from '../core/index.js';
import { ecsAlert } from './readers/ecs-alert.js';
import { evtx } from './readers/evtx.js';
import { nxlog } from './readers/nxlog.js';
import { parquet } from './readers/parquet.js';
import { pcap } from './readers/pcap.js';
import { sentinel } from './readers/sentinel.js';
import { sinkLog } from './readers/sink-log.js';
import { splunk } from './readers/splunk.js';
import { suricata } from './readers/suricata.js';
import { sysmonData } from './readers/sysmon-data.js';
import { wazuh } from './readers/wazuh.js';
import { windowsEventJson } from './readers/windows-event-json.js';
import { windowsXml } from './readers/windows-xml.js';
import { winlogbeat } from './readers/winlogbeat.js';
import { zeekJson } from './readers/zeek-json.js';
import { zeekTsv } from './readers/zeek-tsv.js';
import type { Reader } from './types.js';

/** One reader per product and format, by name. */
export const readers = registry('reader', {
  'ecs-alert': ecsAlert,
  evtx,
  nxlog,
  parquet,
  pcap,
  sentinel,
  'sink-log': sinkLog,
  splunk,
  suricata,
  'sysmon-data': sysmonData,
  wazuh,
  'windows-event-json': windowsEventJson,
  'windows-xml': windowsXml,
  winlogbeat,
  'zeek-json': zeekJson,
  'zeek-tsv': zeekTsv,
} satisfies Readonly<Record<string, Reader>>);
