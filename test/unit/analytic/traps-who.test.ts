import { describe, expect, it } from 'vitest';
import {
  at,
  connected,
  context,
  explorer,
  flowed,
  judge,
  logged,
  powershell,
  started,
  system32,
  type Row,
} from './rows.js';

const mebibyte = 2 ** 20;
const cmd = `${system32}cmd.exe`;
const curl = `${system32}curl.exe`;
const sshd = { pid: 90, executable: `${system32}OpenSSH\\sshd.exe` };
const system = (seconds: number, port: number, rest: Row = {}) =>
  connected(seconds, 4, 'System', [port, 445], rest);

// A process that is in the filter and owns its socket: what the naive rule sees as well.

describe('the traps of AN1169', () => {
  const curlUpload = (pid: number) => ({
    connection: [connected(5, pid, curl, [50000, 21])],
    flow: [flowed([5, 9], [50000, 21], [160, 500]), flowed([6, 8], [50010, 41000], [12 * mebibyte, 0])],
  });

  it('1: SMB belongs to System, so a command line that names the share is asked for (fails if only the socket owner counts)', async () => {
    const { hits, unattributed } = await judge({
      process: [
        started(0, 600, cmd, 'cmd.exe /d /c copy /b C:\\t\\plan.bin \\\\10.0.0.9\\drop\\plan.bin', explorer),
      ],
      connection: [system(1, 50001)],
      flow: [flowed([1, 9], [50001, 445], [12 * mebibyte, 40_000])],
    });
    expect(hits).toMatchObject([
      {
        attribution: 'inferred',
        via: 'time',
        initiator: { pid: 600 },
        socketOwner: { executable: 'System', pid: 4 },
        bytesOut: 12 * mebibyte,
        volume: 'measured',
        severity: 'medium',
      },
    ]);
    expect(hits[0]?.evidence).toEqual(['connection-2', 'flow-3', 'process-1']);
    expect(unattributed).toEqual([]);
  });

  it('1: a script block names the share where the command line does not (fails if scripts are not read)', async () => {
    const { hits } = await judge({
      process: [started(0, 500, powershell, 'powershell -File stream.ps1', explorer)],
      script: [
        {
          '@timestamp': at(2),
          'host.name': 'ws1',
          'process.pid': 500,
          'powershell.script_block_text': "[IO.File]::Open('\\\\fs1.lab.local\\drop\\x.bin', 'Create')",
        },
      ],
      connection: [system(3, 50002, { 'destination.domain': 'fs1.lab.local' })],
      flow: [flowed([3, 9], [50002, 445], [12 * mebibyte, 40_000])],
    });
    expect(hits).toMatchObject([
      { attribution: 'inferred', initiator: { pid: 500 }, bytesOut: 12 * mebibyte },
    ]);
  });

  it('1: a long script comes in parts that are cut anywhere (fails if parts are read one by one)', async () => {
    const part = (number: number, text: string, block = 'b1'): Row => ({
      '@timestamp': at(2 + number / 10),
      'host.name': 'ws1',
      'process.pid': 500,
      'powershell.script_block_id': block,
      'powershell.message_number': number,
      'powershell.message_total': 2,
      'powershell.script_block_text': text,
    });
    const given = (script: readonly Row[]) => ({
      process: [started(0, 500, powershell, 'powershell -File stream.ps1', explorer)],
      script,
      connection: [system(3, 50002, { 'destination.domain': 'fs1.lab.local' })],
      flow: [flowed([3, 9], [50002, 445], [12 * mebibyte, 40_000])],
    });
    const head = "[IO.File]::Open('\\\\fs1.l";
    const tail = "ab.local\\drop\\x.bin', 'Create')";
    const { hits } = await judge(given([part(2, tail), part(1, head), part(1, head)]));
    expect(hits).toMatchObject([{ attribution: 'inferred', initiator: { pid: 500 } }]);
    // The head of one script and the tail of another say nothing.
    expect((await judge(given([part(1, head), part(2, tail, 'b2')]))).hits).toEqual([]);
  });

  it('1: System stays inferred whatever its lineage, and without a name there is no hit (fails if a filtered process nearby is enough)', async () => {
    const { hits, unattributed } = await judge({
      process: [started(0, 600, cmd, 'cmd.exe /c echo hello', explorer)],
      connection: [system(1, 50003)],
      flow: [flowed([1, 9], [50003, 445], [12 * mebibyte, 40_000])],
    });
    expect(hits).toEqual([]);
    expect(unattributed).toMatchObject([{ protocol: 'smb', direction: 'upload', bytesOut: 12 * mebibyte }]);
    expect(unattributed[0]?.reason).toContain('System');
  });

  it('5: the child owns the socket; the nearest filtered ancestor is meant (fails without lineage)', async () => {
    const { hits } = await judge({
      process: [
        started(0, 500, powershell, 'powershell -File up.ps1', explorer),
        started(1, 600, cmd, 'cmd /c curl …', { pid: 500, executable: powershell }),
        started(2, 700, curl, 'curl -T f ftp://10.0.0.9/', { pid: 600, executable: cmd }),
      ],
      ...curlUpload(700),
    });
    expect(hits).toMatchObject([
      {
        attribution: 'lineage',
        initiator: { pid: 600 },
        socketOwner: { pid: 700 },
        bytesOut: 12 * mebibyte + 160,
      },
    ]);
    // The whole way up is evidence, what lies above the initiator is not.
    expect(hits[0]?.evidence.filter((id) => id.startsWith('process'))).toEqual(['process-2', 'process-3']);
  });

  it('5: no further than lineageGenerations (fails if the climb has no end)', async () => {
    const climb = (lineageGenerations: number) =>
      judge(
        {
          process: [
            started(0, 500, powershell, 'powershell', explorer),
            started(1, 600, 'C:\\a.exe', 'a', { pid: 500, executable: powershell }),
            started(2, 700, curl, 'curl', { pid: 600, executable: 'C:\\a.exe' }),
          ],
          ...curlUpload(700),
        },
        context({ lineageGenerations }),
      );
    expect((await climb(1)).hits).toEqual([]);
    expect((await climb(2)).hits).toMatchObject([{ attribution: 'lineage', initiator: { pid: 500 } }]);
  });

  it('5: a pid that Windows gave again is another process (fails if the pid alone is the key)', async () => {
    const old = [
      started(-900, 600, powershell, 'powershell old', explorer),
      { ...started(-800, 600, powershell, '', explorer), 'event.action': 'end' },
    ];
    const child = (parent: string | null) =>
      started(2, 700, curl, 'curl', { pid: 600, executable: '' }, { 'process.parent.executable': parent });
    const setup = 'C:\\setup.exe';
    // The parent was logged; it was not, but the child names its image; nothing but the pid is known, whose old owner has ended.
    for (const process of [
      [...old, started(-700, 600, setup, 'setup', explorer), child(null)],
      [...old, child(setup)],
      [...old, child(null)],
    ]) {
      expect((await judge({ process, ...curlUpload(700) })).hits).toEqual([]);
    }
    const alive = [...old.slice(0, 1), child(null)];
    expect((await judge({ process: alive, ...curlUpload(700) })).hits).toMatchObject([
      { initiator: { pid: 600 } },
    ]);
  });

  it('5: the owner of a socket is who had the pid then (fails if the latest start wins)', async () => {
    const { hits } = await judge({
      process: [
        started(0, 500, powershell, 'powershell first', explorer),
        { ...started(20, 500, powershell, '', explorer), 'event.action': 'end' },
        started(100, 500, powershell, 'powershell later', explorer),
      ],
      ...curlUpload(500),
      connection: [connected(5, 500, powershell, [50000, 21])],
    });
    expect(hits).toMatchObject([{ attribution: 'direct', initiator: { commandLine: 'powershell first' } }]);
  });

  it('5: a pid given again after the child is not its parent (fails if the latest start wins)', async () => {
    const { hits } = await judge({
      process: [
        started(0, 600, cmd, 'cmd first', explorer),
        started(2, 700, curl, 'curl', { pid: 600, executable: cmd }),
        started(100, 600, cmd, 'cmd later', explorer),
      ],
      ...curlUpload(700),
    });
    expect(hits).toMatchObject([{ initiator: { commandLine: 'cmd first' } }]);
  });

  it("5: the session's own shell is no initiator (fails if every ancestor counts)", async () => {
    const process = [
      started(0, 600, cmd, 'cmd.exe /c "curl …"', sshd),
      started(2, 700, curl, 'curl', { pid: 600, executable: cmd }),
    ];
    expect((await judge({ process, ...curlUpload(700) })).hits).toEqual([]);
    const inner = [
      started(0, 599, cmd, 'cmd.exe /c "cmd.exe /d /c curl …"', sshd),
      started(1, 600, cmd, 'cmd.exe /d /c curl …', { pid: 599, executable: cmd }),
      process[1] ?? {},
    ];
    expect((await judge({ process: inner, ...curlUpload(700) })).hits).toMatchObject([
      { attribution: 'lineage', initiator: { pid: 600 } },
    ]);
  });

  it("5: the session's own shell that owns the socket still is direct (fails if it is left out altogether)", async () => {
    const { hits } = await judge({
      process: [started(0, 600, powershell, 'powershell -c Send', sshd)],
      connection: [connected(5, 600, powershell, [50000, 21])],
      flow: [flowed([5, 9], [50000, 21], [20 * mebibyte, 500])],
    });
    expect(hits).toMatchObject([{ attribution: 'direct', initiator: { pid: 600 } }]);
  });

  it('6: a renamed copy keeps its OriginalFileName (fails if Image alone is compared)', async () => {
    const copy = 'C:\\Users\\Public\\notes.exe';
    const rows = (original: string | null) => ({
      process: [
        started(0, 800, copy, 'notes.exe -File up.ps1', explorer, {
          'process.entity_id': 'aa-1',
          'process.pe.original_file_name': original,
        }),
      ],
      connection: [connected(1, 800, copy, [50000, 21], { 'process.entity_id': 'aa-1' })],
      flow: [flowed([1, 9], [50000, 21], [20 * mebibyte, 900])],
    });
    expect((await judge(rows('PowerShell.EXE'))).hits).toMatchObject([
      { attribution: 'direct', via: 'entity_id', initiator: { originalFileName: 'PowerShell.EXE' } },
    ]);
    expect((await judge(rows('notes.exe'))).hits).toEqual([]);
  });

  it('7: encryption hides names, the volume still counts and the reason says so (fails if a name is needed)', async () => {
    const share = logged(2, 'smb', [50040, 445], {
      'event.action': 'connect',
      'file.path': '\\\\10.0.0.9\\drop',
    });
    const flow = [flowed([1, 9], [50040, 445], [12 * mebibyte, 9000])];
    const seen = await judge({
      process: [started(0, 600, cmd, 'cmd /c copy f \\\\10.0.0.9\\drop', explorer)],
      connection: [system(1, 50040)],
      transfer: [share],
      flow,
    });
    expect(seen.hits).toMatchObject([{ fileNames: [], bytesOut: 12 * mebibyte, attribution: 'inferred' }]);
    const { unattributed } = await judge({ transfer: [share], flow });
    expect(unattributed).toMatchObject([{ fileNames: [], direction: 'upload' }]);
    expect(unattributed[0]?.reason).toContain('name not observable');
  });

  it('13: a second copy over the same SMB connection has its own initiator (fails if a connection has one)', async () => {
    const write = (seconds: number, name: string, size: number) =>
      logged(seconds, 'smb', [50060, 445], {
        'event.action': 'write',
        'transfer.command': 'SMB',
        'file.name': name,
        'file.path': `\\\\10.0.0.9\\drop\\${name}`,
        'file.size': size,
      });
    const { hits } = await judge({
      process: [
        started(0, 600, cmd, 'cmd /c copy first.bin \\\\10.0.0.9\\drop', explorer),
        started(200, 601, cmd, 'cmd /c copy second.bin \\\\10.0.0.9\\drop', explorer),
      ],
      connection: [system(1, 50060)],
      transfer: [write(2, 'first.bin', 11 * mebibyte), write(201, 'second.bin', 20 * mebibyte)],
      flow: [flowed([1, 400], [50060, 445], [31 * mebibyte + 5000, 9000])],
    });
    expect(
      hits.map(({ initiator, bytesOut, volume, fileNames }) => [initiator.pid, bytesOut, volume, fileNames]),
    ).toEqual([
      [600, 11 * mebibyte, 'partial', ['first.bin']],
      [601, 20 * mebibyte, 'partial', ['second.bin']],
    ]);
  });
});
