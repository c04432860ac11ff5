// What is mutated: real files by the reader that reads them, and small texts for readers of which there is no real file.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A case is so short that thousands of them are read in minutes: whole lines, or an EVTX file's header and two chunks. */
function shortened(bytes) {
  if (bytes.subarray(0, 7).toString('latin1') === 'ElfFile') return bytes.subarray(0, 4096 + 2 * 65_536);
  const most = 24 * 1024;
  if (bytes.length <= most) return bytes;
  const end = bytes.subarray(0, most).lastIndexOf(0x0a);
  // Binary, or one long line.
  return end < most / 2 ? bytes.subarray(0, 4 * most) : bytes.subarray(0, end + 1);
}

const event = (id, data) =>
  `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>${id}</EventID><TimeCreated SystemTime='2026-11-24T18:00:00.100Z'/><EventRecordID>${id}</EventRecordID><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>WS1</Computer></System><EventData>${data}</EventData></Event>\n`;

/**
 * Texts in the shapes that vendors document, by the name of their reader. A reader that has no real file among the fixtures gets its
 * texts here.
 */
const written = {
  'windows-xml': [
    event(
      1,
      "<Data Name='Image'>C:\\a.exe</Data><Data Name='CommandLine'>a &lt;b&gt; &amp;</Data><Data Name='ProcessId'>7</Data>",
    ) +
      event(3, "<Data Name='DestinationIp'>10.0.0.1</Data><Data Name='DestinationPort'>445</Data>") +
      event(5, "<Data Name='Image'>C:\\a.exe</Data>"),
  ],
  winlogbeat: [
    [1, 3, 5, 11]
      .map((id) =>
        JSON.stringify({
          '@timestamp': '2026-11-24T18:00:00.000Z',
          winlog: {
            channel: 'Microsoft-Windows-Sysmon/Operational',
            provider_name: 'Microsoft-Windows-Sysmon',
            event_id: String(id),
            record_id: id,
            computer_name: 'WS1',
            event_data: {
              Image: 'C:\\a.exe',
              ProcessId: '7',
              DestinationPort: '21',
              TargetFilename: 'C:\\b',
            },
          },
        }),
      )
      .join('\n'),
  ],
  'zeek-json': [
    [
      {
        ts: 1795543200.1,
        uid: 'CHhAvVGS1DHFjwGM9',
        'id.orig_h': '10.0.0.1',
        'id.resp_p': 21,
        conn_state: 'SF',
        orig_bytes: 39,
      },
      {
        ts: '2026-11-24T18:00:00Z',
        uid: 'CHhAvVGS1DHFjwGM9',
        'id.orig_h': '10.0.0.1',
        command: 'STOR',
        arg: 'a',
        reply_code: 226,
      },
      { ts: 1795543200, fuid: 'FHhAvVGS1DHFjwGM9', source: 'SMB', is_orig: true, seen_bytes: 7000 },
    ]
      .map((record) => JSON.stringify(record))
      .join('\n'),
  ],
  'ecs-alert': [
    JSON.stringify({
      '@timestamp': '2026-11-24T18:00:00.000Z',
      event: { kind: 'alert', id: 'a1', severity: 3 },
      rule: { id: 'r1', name: 'FTP' },
      process: { pid: 7, entity_id: '{94F748D5-4A45-5A42-0000-0010D265F20F}' },
      alert: { evidence: ['x', 'y'] },
    }),
  ],
  'sink-log': [
    JSON.stringify({
      '@timestamp': '2026-11-24T18:00:00.000Z',
      event: { module: 'dyetrace_sink', dataset: 'dyetrace_sink.ftp', action: 'write', id: 's1' },
      ftp: { command: 'STOR', reply_code: 226 },
      source: { ip: '10.0.0.1', port: 50000 },
      file: { name: 'a', size: 39 },
    }),
  ],
};

function* files(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const entry = statSync(path);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

/**
 * Originals by reader.
 * @param readerOf says which reader takes bytes: its name, or null.
 */
export async function corpus(folder, readerOf) {
  const found = new Map();
  const take = async (bytes) => {
    const name = await readerOf(bytes);
    if (name !== null) found.set(name, [...(found.get(name) ?? []), bytes]);
    return name;
  };
  for (const path of files(folder)) await take(shortened(readFileSync(path)));
  for (const [name, texts] of Object.entries(written)) {
    for (const text of texts) {
      // Several records, so that one broken line is not the end of it.
      const taken = await take(Buffer.from(`${Array(8).fill(text.trimEnd()).join('\n')}\n`));
      if (taken !== name) throw new Error(`the text for ${name} is read by ${taken ?? 'nobody'}`);
    }
  }
  return found;
}
