import type { WindowsEvent } from '../types.js';
import { argumentsOf, fileFields, type Fields, type ModuleFields } from './winlogbeat-fields.js';

/** `Host Application = powershell.exe …` → value by name; empty values are left out. */
function context(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line) => {
    const index = line.indexOf(' = ');
    const value = index === -1 ? '' : line.slice(index + 3);
    return value === '' ? [] : [[line.slice(0, index).trim(), value] as const];
  });
  return new Map(pairs);
}

const invocation = /^(?<type>\w+)\((?<command>[^)]*)\): (?:name=(?<name>".*?"); )?(?:value=)?(?<value>.*)$/;

function invocationDetails(payload: string): Fields[] {
  return payload.split(/\r?\n/).flatMap((line) => {
    const groups = invocation.exec(line)?.groups;
    if (groups === undefined) return [];
    const { type, command, name, value } = groups;
    return [{ type, related_command: command, ...(name === undefined ? {} : { name }), value }];
  });
}

function moduleLogging(data: Readonly<Record<string, string>>): ModuleFields {
  const values = context(data['ContextInfo'] ?? '');
  const commandLine = values.get('Host Application') ?? '';
  const args = argumentsOf(commandLine);
  const script = values.get('Script Name');
  const [domain, name] = (values.get('User') ?? '').split('\\');
  return {
    event: { category: ['process'], type: ['info'], sequence: Number(values.get('Sequence Number')) },
    fields: {
      powershell: {
        command: {
          name: values.get('Command Name'),
          type: values.get('Command Type'),
          invocation_details: invocationDetails(data['Payload'] ?? ''),
        },
        engine: { version: values.get('Engine Version') },
        id: values.get('Shell ID'),
        pipeline_id: values.get('Pipeline ID'),
        process: { executable_version: values.get('Host Version') },
        runspace_id: values.get('Runspace ID'),
      },
      // The module's entity_id is PowerShell's Host ID, no ProcessGuid.
      process: {
        args,
        args_count: args.length,
        command_line: commandLine,
        entity_id: values.get('Host ID'),
        title: values.get('Host Name'),
      },
      ...(script === undefined ? {} : { file: fileFields(script) }),
      user: { domain, name },
    },
    eventData: {},
  };
}

function scriptBlock(data: Readonly<Record<string, string>>): ModuleFields {
  const path = data['Path'];
  return {
    event: { category: ['process'], type: ['info'] },
    fields: {
      powershell: {
        file: {
          script_block_id: data['ScriptBlockId'],
          script_block_text: data['ScriptBlockText'],
        },
        sequence: Number(data['MessageNumber']),
        total: Number(data['MessageTotal']),
      },
      ...(path === undefined ? {} : { file: fileFields(path) }),
    },
    eventData: {},
  };
}

/**
 * ECS fields of 4103 and 4104 as Winlogbeat 8's module makes them; nothing of event_data is left.
 * Source: x-pack/winlogbeat/module/powershell/ingest/powershell_operational.yml,
 * https://www.elastic.co/docs/reference/beats/winlogbeat/winlogbeat-module-powershell
 */
export function powershellModule(event: WindowsEvent, data: Readonly<Record<string, string>>): ModuleFields {
  const module = event.eventId === 4103 ? moduleLogging(data) : scriptBlock(data);
  const user = module.fields['user'];
  return {
    ...module,
    fields: { ...module.fields, user: { ...(typeof user === 'object' ? user : {}), id: event.userId } },
  };
}
