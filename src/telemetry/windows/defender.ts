import { mapping } from '../sql/mapping.js';
import { windowsColumns } from './events.js';

/** 1116: malware found; 1117: acted upon. https://learn.microsoft.com/defender-endpoint/troubleshoot-microsoft-defender-antivirus */
export const defenderMappings = [
  mapping('prevention', ['defender 1116', 'defender 1117'], (field) => ({
    ...windowsColumns(field),
    '@timestamp': `utc(${field('At')})`,
    'process.executable': `CASE WHEN ${field('Process Name')} <> 'Unknown' THEN image(${field('Process Name')}) END`,
    // The product writes `file:_C:\a.ps1`, and several of these with semicolons between.
    'file.path': `regexp_replace(split_part(${field('Path')}, ';', 1), '^[a-z]+:_', '')`,
    'event.reason': `absent(concat_ws(', ', ${field('Threat Name')}, ${field('Action Name')}))`,
  })),
];
