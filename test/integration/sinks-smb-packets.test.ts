import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { waitFor } from '../../src/core/index.js';
import { describeWith } from '../helpers/requires.js';
import { expectDownload, expectUpload } from '../helpers/sink-lab.js';
import { large, one, slowly, smbLab, three, two } from '../helpers/smb-lab.js';

const lab = smbLab('127.0.2.47');

/** Runs `act` under a capture. @returns TCP payload without retransmissions, by connection and direction, as tshark counts it */
async function captured(act: () => Promise<unknown>): Promise<Map<string, number>> {
  const file = join(lab.directory, 'capture.pcapng');
  const options = ['-i', 'lo', '-f', `host ${lab.address}`, '-s', '160', '-B', '64', '-w', file];
  const tshark = execa('tshark', options, { reject: false });
  const marker = createSocket('udp4');
  const mark = async (text: string) => {
    const seen = await waitFor(
      async () => {
        marker.send(text, 9, lab.address);
        return (await readFile(file).catch(() => Buffer.alloc(0))).includes(text);
      },
      { timeoutMs: 30_000, intervalMs: 100 },
    );
    expect(seen).toBe(true);
  };
  try {
    await mark('capture has begun');
    await act();
    await mark('capture has to end');
  } finally {
    marker.close();
    tshark.kill('SIGINT');
    await tshark;
  }
  const fields = ['ip.src', 'tcp.srcport', 'ip.dst', 'tcp.dstport', 'tcp.len'].flatMap((field) => [
    '-e',
    field,
  ]);
  const filter = 'tcp.len > 0 && !tcp.analysis.retransmission';
  const { stdout } = await execa('tshark', ['-r', file, '-Y', filter, '-T', 'fields', ...fields]);
  const sums = new Map<string, number>();
  for (const line of stdout.split('\n').filter((text) => text !== '')) {
    const [source = '', sourcePort = '', destination = '', destinationPort = '', length = ''] =
      line.split('\t');
    const key = `${source}:${sourcePort} > ${destination}:${destinationPort}`;
    sums.set(key, (sums.get(key) ?? 0) + Number(length));
  }
  return sums;
}

/** The same, as the receipts have it. */
function counted(): Map<string, number> {
  const sums = new Map<string, number>();
  const add = (key: string, bytes: number) => sums.set(key, (sums.get(key) ?? 0) + bytes);
  for (const socket of lab.recorder.lines.flatMap(({ sockets }) => sockets)) {
    const client = `${socket.source.ip}:${socket.source.port}`;
    const server = `${socket.destination.ip}:${socket.destination.port}`;
    add(`${client} > ${server}`, socket.bytesFromClient);
    add(`${server} > ${client}`, socket.bytesToClient);
  }
  return sums;
}

describeWith(
  { programs: ['smbd', 'smbpasswd', 'smbclient', 'tshark'], root: true, platforms: ['linux'] },
  'receipts of the SMB sink and the packets',
  () => {
    for (const options of [[], ['--client-protection=encrypt']]) {
      it(`are equal for uploads and a download ${options.join('')}`, async () => {
        await lab.start([expectUpload(one), expectUpload(two), expectUpload(three), expectDownload(large)]);
        const packets = await captured(async () => {
          await lab.smbclient(`${lab.put(one)}; ${lab.put(two)}; ls`, ...options);
          await lab.receipts(2);
          await lab.smbclient(lab.put(three), ...options);
          await lab.receipts(3);
          await lab.smbclient(`get ${large.fileName} ${join(lab.directory, 'copy')}`, ...options);
          await lab.receipts(4);
        });
        expect(lab.recorder.lines.map(({ complete }) => complete)).toEqual([true, true, true, true]);
        expect(packets.size).toBe(6);
        expect(counted()).toEqual(packets);
      });
    }

    it('are equal where the sink ends the connection of a client that waits', async () => {
      await lab.start([expectUpload(one)], {}, {});
      const packets = await captured(async () => {
        const client = lab.interactive();
        client.stdin.write(`${lab.put(one)}\n`);
        await lab.receipts();
        client.kill('SIGKILL');
        await once(client, 'exit');
      });
      expect(packets.size).toBe(2);
      expect(counted()).toEqual(packets);
    });

    it('are equal for what a client sent before it was killed', async () => {
      await lab.start([expectUpload(large)], slowly);
      const packets = await captured(async () => {
        (await lab.startUpload(large)).kill('SIGKILL');
        await lab.receipts();
      });
      expect(lab.recorder.lines[0]?.complete).toBe(false);
      const upward = ([key]: [string, number]) => key.endsWith(`> ${lab.address}:${lab.at.port}`);
      expect([...packets].filter(upward)).toHaveLength(1);
      expect([...counted()].filter(upward)).toEqual([...packets].filter(upward));
    });
  },
);
