import { registry } from '../core/index.js';
import { ecsAlert } from './readers/ecs-alert.js';
import { sinkLog } from './readers/sink-log.js';
import { windowsXml } from './readers/windows-xml.js';
import { winlogbeat } from './readers/winlogbeat.js';
import { zeekJson } from './readers/zeek-json.js';
import type { Reader } from './types.js';

/** One reader per product and format, by name. */
export const readers = registry('reader', {
  'ecs-alert': ecsAlert,
  'sink-log': sinkLog,
  'windows-xml': windowsXml,
  winlogbeat,
  'zeek-json': zeekJson,
} satisfies Readonly<Record<string, Reader>>);
