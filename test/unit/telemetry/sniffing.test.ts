import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readers } from '../../../src/telemetry/index.js';
import { probe } from '../../../src/telemetry/input/bytes.js';
import { describeWith, fixtures } from '../../helpers/requires.js';
import { fileWith, lines } from './helpers.js';

/** Names of the readers that take a file for their own, the surest first. */
async function takers(path: string): Promise<string[]> {
  const { sample } = await probe(path);
  return readers
    .entries()
    .map(([name, reader]) => ({ name, sure: reader.sniff(sample) }))
    .filter(({ sure }) => sure > 0)
    .sort((a, b) => b.sure - a.sure)
    .map(({ name }) => name);
}

const event = { Provider: 'Microsoft-Windows-Sysmon', EventID: 1, Computer: 'WS1' };
const windows = { providerName: 'Microsoft-Windows-Sysmon', eventID: '1', computer: 'WS1' };

describe('a record of each shape is one reader’s alone', () => {
  it.each<readonly [reader: string, text: string]>([
    ['wazuh', lines([{ timestamp: 't', data: { win: { system: windows, eventdata: {} } } }])],
    ['wazuh', lines([{ full_log: JSON.stringify({ win: { system: windows } }) }])],
    ['splunk', lines([{ preview: false, result: { _raw: '<Event/>', _time: 't' } }])],
    ['splunk', lines([{ preview: false, result: { _time: 't', EventCode: '1', Image: 'x' } }])],
    ['winlogbeat', lines([{ '@timestamp': 't', winlog: { event_id: '1', computer_name: 'WS1' } }])],
    [
      'winlogbeat-6',
      lines([{ event_id: 1, log_name: 'Security', source_name: 's', computer_name: 'WS1', event_data: {} }]),
    ],
    ['nxlog', lines([{ EventID: 1, Hostname: 'WS1', SourceName: 's', Channel: 'Security' }])],
    ['sentinel', lines([{ ...event, TimeGenerated: 't', EventData: '{}' }])],
    ['windows-event-json', lines([{ Event: { System: event, EventData: {} } }])],
    ['sysmon-data', lines([{ UtcTime: 't', ProcessGuid: '{x}', Image: 'y' }])],
    ['asim', lines([{ TimeGenerated: 't', EventSchema: 'ProcessEvent', EventType: 'ProcessCreated' }])],
    ['asim', lines([{ TimeGenerated: 't', Type: 'ASimNetworkSessionLogs', SrcIpAddr: 'x' }])],
    ['defender-xdr', lines([{ Timestamp: 't', DeviceId: 'd', ActionType: 'ProcessCreated' }])],
    [
      'defender-xdr',
      lines([{ category: 'AdvancedHunting-x', properties: { DeviceId: 'd', ActionType: 'x' } }]),
    ],
    [
      'nfdump',
      JSON.stringify([{ type: 'FLOW', first: 't', in_bytes: 1, proto: 6, src4_addr: '10.0.0.1' }], null, 2),
    ],
    ['defender-xdr-csv', 'Timestamp,DeviceId,DeviceName,ActionType\nt,d,n,x\n'],
    ['asim-csv', 'TimeGenerated [UTC],EventSchema,EventType\nt,ProcessEvent,ProcessCreated\n'],
    [
      'get-winevent-csv',
      '"Message","Id","RecordId","ProviderName","LogName","MachineName"\n"m","1","1","p","l","n"\n',
    ],
    ['windows-csv', 'TimeCreated,EventID,Computer,Image,CommandLine\nt,1,WS1,i,c\n'],
  ])('%s', async (reader, text) => {
    expect(await takers(await fileWith('sample', text))).toEqual([reader]);
  });

  it.each(['', 'a,b,c\n1,2,3\n', '{"result":{"a":1}}\n', '{"type":"FLOW"}\n', '{"data":{"win":1}}\n'])(
    '%j is nobody’s',
    async (text) => {
      expect(await takers(await fileWith('sample', text))).toEqual([]);
    },
  );
});

describeWith({ fixtures: true }, 'real files', () => {
  const folders = ['sysmon-security-json', 'sysmon-evtx', 'suricata', 'pcap'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(fixtures, folder))
      .map((name) => join(fixtures, folder, name))
      .filter((path) => statSync(path).isFile()),
  );
  it.each(files.map((path) => [path.slice(fixtures.length + 1), path]))(
    '%s is one reader’s',
    async (_, path) => {
      expect(await takers(path)).toHaveLength(1);
    },
  );
});
