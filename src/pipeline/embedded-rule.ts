import { stat } from 'node:fs/promises';
import { createAnalytic, firing, hits, type AnalyticContext, type Hit } from '../analytic/index.js';
import type { Lab, Parameters } from '../config/index.js';
import { digestId, isPrivateIp } from '../core/index.js';
import type { EmbeddedAlert, RuleDescription } from '../siem/index.js';
import type { AlertRuleSettings } from '../simulator/index.js';
import { readInputs, Store } from '../telemetry/index.js';

/** The rule as an administrator would have set it up right. */
export function ruleSettings(parameters: Parameters): AlertRuleSettings {
  return {
    id: 'an1169',
    name: 'AN1169: file transfer out by PowerShell, cmd.exe or rundll32.exe',
    enabled: true,
    excludesPrivateAddresses: false,
    largeTransferBytes: parameters.largeTransferBytes,
    dataFlowDirectionThreshold: parameters.dataFlowDirectionThreshold,
    lookBackMs: 24 * 3_600_000,
    category: null,
  };
}

export function ruleDescription(settings: AlertRuleSettings): RuleDescription {
  const {
    id,
    name,
    enabled,
    excludesPrivateAddresses,
    largeTransferBytes,
    dataFlowDirectionThreshold,
    lookBackMs,
  } = settings;
  return {
    id,
    name,
    enabled,
    excludesPrivateAddresses,
    largeTransferBytes,
    dataFlowDirectionThreshold,
    lookBackMs,
  };
}

/** The analytic's context of a lab. */
function labContext(
  lab: Pick<Lab, 'hosts' | 'sinks' | 'approvedTransfers' | 'incidentRules'>,
  parameters: Parameters,
): AnalyticContext {
  return {
    parameters,
    hosts: lab.hosts.map((host) => ({
      name: host.name,
      aliases: host.aliases,
      addresses: [host.address],
      role: host.role,
    })),
    approvedTransfers: lab.approvedTransfers,
    incidentRules: lab.incidentRules,
    sinkZones: lab.sinks,
  };
}

function alertOf(hit: Hit, settings: AlertRuleSettings): EmbeddedAlert {
  const key = [
    settings.id,
    hit.host.name,
    hit.initiator.entityId ?? hit.initiator.pid,
    hit.destination.ip,
    hit.protocol,
  ].join('|');
  return {
    key,
    record: {
      event: { kind: 'alert', id: `alert-${digestId(key, 12)}`, severity: hit.severity },
      rule: { id: settings.id, name: settings.name },
      host: { name: hit.host.name },
      process: {
        entity_id: hit.initiator.entityId,
        pid: hit.initiator.pid,
        executable: hit.initiator.executable,
        command_line: hit.initiator.commandLine,
      },
      source: { ip: hit.host.ip[0] ?? null },
      destination: { ip: hit.destination.ip, port: hit.destination.port },
      network: { protocol: hit.protocol },
      file: { name: hit.fileNames[0] ?? null },
      incident: { category: settings.category ?? hit.incidentCategory },
      alert: { evidence: hit.evidence },
    },
  };
}

/** One run of the embedded SIEM's rule: AN1169 over its indices, with the rule's own settings. */
export async function embeddedRule(options: {
  readonly indices: string;
  readonly now: number;
  readonly settings: AlertRuleSettings;
  readonly lab: Lab;
}): Promise<EmbeddedAlert[]> {
  const { settings, lab } = options;
  if (!settings.enabled) return [];
  if ((await stat(options.indices).catch(() => undefined)) === undefined) return [];
  const store = await Store.open({ memoryLimit: '512MB' });
  try {
    await readInputs(store, [options.indices]);
    const parameters = {
      ...lab.parameters,
      largeTransferBytes: settings.largeTransferBytes,
      dataFlowDirectionThreshold: settings.dataFlowDirectionThreshold,
    };
    await createAnalytic(store, labContext(lab, parameters));
    const found = (await hits(store)).filter(firing);
    return found
      .filter((hit) => !settings.excludesPrivateAddresses || !isPrivateIp(hit.destination.ip))
      .filter((hit) => hit.end === null || Date.parse(hit.end) >= options.now - settings.lookBackMs)
      .map((hit) => alertOf(hit, settings));
  } finally {
    store.close();
  }
}
