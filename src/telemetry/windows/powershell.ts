import { mapping, type Field } from '../sql/mapping.js';
import { windowsColumns } from './events.js';

const common = (field: Field) => ({
  ...windowsColumns(field),
  '@timestamp': `utc(${field('At')})`,
  // PowerShell logs in its own process.
  'process.pid': `whole(${field('ExecutionProcessID')})`,
});

const classic = (field: Field) => ({
  ...common(field),
  'process.pid': `NULLIF(whole(${field('ExecutionProcessID')}), 0)`,
});

/**
 * Long scripts come in parts: one row per part.
 * Fields: https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_logging_windows (4103, 4104),
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_eventlogs (400, 800)
 */
export const powershellMappings = [
  mapping('script', ['powershell 4104'], (field) => ({
    ...common(field),
    'powershell.script_block_id': `guid(${field('ScriptBlockId')})`,
    'powershell.message_number': `TRY_CAST(whole(${field('MessageNumber')}) AS INTEGER)`,
    'powershell.message_total': `TRY_CAST(whole(${field('MessageTotal')}) AS INTEGER)`,
    'powershell.script_block_text': field('ScriptBlockText'),
    'file.path': field('Path'),
  })),
  mapping('script', ['powershell 4103'], (field) => ({
    ...common(field),
    'powershell.script_block_text': field('Payload'),
    'file.path': field('ScriptName'),
    'user.name': `user_name(${field('ContextUser')})`,
    'user.domain': `user_domain(${field('ContextUser')})`,
  })),
  // Classic events do not say which process logged them.
  mapping('script', ['powershell 400'], (field) => ({
    ...classic(field),
    'powershell.script_block_text': field('HostApplication'),
  })),
  mapping('script', ['powershell 800'], (field) => ({
    ...classic(field),
    'powershell.script_block_text': field('Pipeline'),
    'file.path': field('PipelineScript'),
    'user.name': `user_name(${field('PipelineUser')})`,
    'user.domain': `user_domain(${field('PipelineUser')})`,
  })),
];
