import type { Cause } from './types.js';

const endpoint = ['process_creation', 'network_connection'] as const;
const all = [...endpoint, 'protocol_log', 'flow_volume', 'gateway_log'] as const;

/** Causes on the links parse, correlate, alert and route: the record is in the SIEM. */
export const siemCauses = {
  'field-unmapped': {
    title: 'A needed field is absent in the SIEM',
    link: 'parse',
    legs: all,
    meaning:
      'The record is in the SIEM, the field that the analytic needs is not: renamed, not extracted, or of a type that the mapping rejected.',
    remedy: `# Elasticsearch ingest pipeline (Kibana Dev Tools): take the vendor's field into the ECS field
PUT _ingest/pipeline/winlogbeat@custom
{ "processors": [
  { "rename": { "field": "winlog.event_data.CommandLine", "target_field": "process.command_line", "ignore_missing": true } },
  { "convert": { "field": "winlog.event_data.DestinationPort", "target_field": "destination.port", "type": "long", "ignore_missing": true } },
  { "convert": { "field": "winlog.event_data.SourcePort", "target_field": "source.port", "type": "long", "ignore_missing": true } }
] }`,
  },
  'field-mistyped': {
    title: 'A field has another value in the SIEM than on the host',
    link: 'parse',
    legs: endpoint,
    meaning:
      "The host's own record and the SIEM's copy of it disagree about a field: a wrong type, a wrong source field or a rewriting processor.",
    remedy: `# Elasticsearch (Kibana Dev Tools): compare mapping and pipeline
GET winlogbeat-*/_mapping/field/process.pid,source.port,destination.port
GET _ingest/pipeline/winlogbeat*`,
  },
  'field-truncated': {
    title: 'A field is cut short in the SIEM',
    link: 'parse',
    legs: endpoint,
    meaning:
      "The SIEM's copy of the field is only the beginning of the host's: a length limit cut off what names the transfer.",
    remedy: `# Winlogbeat, winlogbeat.yml: no truncate_fields processor below this
processors:
  - truncate_fields: { fields: [process.command_line], max_bytes: 32768 }
# Elasticsearch mapping (Kibana Dev Tools)
PUT winlogbeat-*/_mapping
{ "properties": { "process": { "properties": { "command_line": { "type": "wildcard" } } } } }`,
  },
  'wrong-time-zone': {
    title: 'The time is off by a time zone',
    link: 'parse',
    legs: all,
    meaning:
      "The SIEM's time of the record differs from the fact by whole quarters of an hour: local time was read as UTC, or the other way round.",
    remedy: `# Elasticsearch ingest pipeline: name the zone that the source writes
{ "date": { "field": "winlog.event_data.UtcTime", "formats": ["yyyy-MM-dd HH:mm:ss.SSS"], "timezone": "UTC" } }
# NXLog, nxlog.conf: EventTime is local time without a zone
Exec $EventTimeUtc = strftime($EventTime, 'YYYY-MM-DDThh:mm:ss.sUTC');`,
  },
  'event-time-lost': {
    title: "The SIEM's time is not the event's",
    link: 'parse',
    legs: endpoint,
    meaning:
      "The SIEM's time of the record differs from the host's by something that is no time zone: it is the time of arrival, or of another field.",
    remedy:
      '# Logstash: take the time of the event\nfilter { date { match => ["[winlog][time_created]", "ISO8601"] target => "@timestamp" } }',
  },
  'sense-or-parse': {
    title: 'A field was not recorded or not mapped',
    link: 'parse',
    legs: all,
    meaning:
      'The record is in the SIEM without a field that the analytic needs, and the record of the source could not be read: the field may never have been written, or was lost on ingest.',
    remedy:
      '# let the run read the channels of the hosts (lab.yaml), so that the two can be told apart\ncollect:\n  hostChannels: true',
  },
  'process-key-mismatch': {
    title: 'The connection names no process of the transfer',
    link: 'correlate',
    legs: endpoint,
    meaning:
      'Process and connection records are both in the SIEM, but neither entity id nor (host, pid) of the connection is that of a process of this execution.',
    remedy: `# Winlogbeat, winlogbeat.yml: the Sysmon module sets process.entity_id from ProcessGuid in events 1 and 3 alike
winlogbeat.event_logs:
  - name: Microsoft-Windows-Sysmon/Operational
# PowerShell, on {host}: are the GUIDs the same at the source?
Get-WinEvent -FilterHashtable @{LogName='Microsoft-Windows-Sysmon/Operational';Id=1,3} -MaxEvents 20 | Format-List Id,Message`,
  },
  'host-name-mismatch': {
    title: 'The records name the host differently',
    link: 'correlate',
    legs: endpoint,
    meaning:
      'Process and connection records are in the SIEM under host names that the lab does not know as one host.',
    remedy:
      '# lab.yaml: every name and address under which telemetry knows the host\nhosts:\n  - id: {host}\n    aliases: [FQDN, SHORTNAME, ADDRESS]',
  },
  'clock-skew': {
    title: "The host's clock is off",
    link: 'correlate',
    legs: endpoint,
    meaning:
      "The host's events are further from the sink's receipts than the analytic's window allows for, so host and network records cannot be joined by time.",
    remedy: 'REM cmd.exe, as administrator, on {host}\nw32tm /query /status\nw32tm /resync /force',
  },
  'address-translated': {
    title: 'An address translation lies between',
    link: 'correlate',
    legs: ['network_connection', 'protocol_log', 'flow_volume'],
    meaning:
      'The sink saw another client address than the host has: 5-tuples on the two sides of the translation do not match.',
    remedy:
      '# put the network sensor on the inner side of the translation, or ship the translation log, and name the outer address in lab.yaml\nhosts:\n  - id: {host}\n    aliases: [OUTER_ADDRESS]',
  },
  'analytic-silent': {
    title: 'The telemetry is there, the analytic stays silent',
    link: 'alert',
    legs: [],
    meaning:
      "Every expected leg is in the SIEM and tied, but with the lab's parameters the analytic does not fire: a threshold lies above this transfer, or an approved pattern covers it.",
    remedy:
      '# lab.yaml\nparameters:\n  largeTransferBytes: 10 MiB\n  minimumBytes: 10 KiB\n  dataFlowDirectionThreshold: 0.9',
  },
  'rule-absent': {
    title: 'The SIEM has no such rule',
    link: 'alert',
    legs: [],
    meaning: 'The analytic fires on the telemetry of the SIEM, and the SIEM lists no rule for it.',
    remedy: '# writes the rule with the values of this lab\ndyetrace content',
  },
  'rule-disabled': {
    title: 'The rule is disabled',
    link: 'alert',
    legs: [],
    meaning: 'The analytic fires on the telemetry of the SIEM; the rule is there and switched off.',
    remedy:
      '# Elastic Security (Kibana Dev Tools)\nPOST kbn:/api/detection_engine/rules/_bulk_action\n{ "action": "enable", "ids": ["RULE_ID"] }',
  },
  'rule-excludes-private': {
    title: 'The rule leaves out private addresses',
    link: 'alert',
    legs: [],
    meaning:
      'The analytic fires on the telemetry of the SIEM; the rule leaves out private destinations (RFC 1918, loopback) and {sink} is one.',
    remedy:
      '# in the rule: except the receiver from the exclusion\nnot cidrmatch(destination.ip, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8") or destination.ip == "{sink}"',
  },
  'rule-threshold': {
    title: "The rule's threshold lies above this transfer",
    link: 'alert',
    legs: [],
    meaning:
      "The analytic fires with the lab's parameters; the rule in the SIEM asks for more bytes and a greater outbound share than this transfer had.",
    remedy: '# writes the rule with the values of this lab\ndyetrace content',
  },
  'rule-look-back': {
    title: 'The rule looks back too short a time',
    link: 'alert',
    legs: [],
    meaning:
      'Records took longer to reach the SIEM than the rule looks back: when they arrived, no run of the rule covered their time any more.',
    remedy:
      '# Elastic Security rule: additional look-back above the greatest delay of the forwarder\n"interval": "5m", "from": "now-15m"',
  },
  'rule-silent': {
    title: 'The rule stayed silent and nothing explains it',
    link: 'alert',
    legs: [],
    meaning:
      'The analytic fires on the telemetry of the SIEM, no alert matches, and what the SIEM shows of its rules does not explain it (or it shows none).',
    remedy:
      '# look at the last executions of the rule (errors, gaps, index pattern, exceptions), then judge again\ndyetrace verify RUN',
  },
  'wrong-category': {
    title: 'The alert has another incident category than the lab maps',
    link: 'route',
    legs: [],
    meaning:
      "The alert is there, its incident category is not the one that the lab's mapping gives for this destination and host role.",
    remedy:
      '# in the alert rule or its action: set the category by destination and host role as in lab.yaml, incidentRules',
  },
  'category-missing': {
    title: 'The alert has no incident category',
    link: 'route',
    legs: [],
    meaning: "The alert is there without any incident category; the lab's mapping names one.",
    remedy:
      '# in the alert rule: write the category into the field that the incident queue reads\nincident.category: CATEGORY',
  },
} as const satisfies Record<string, Cause>;
