import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { InputError } from '../../core/index.js';

/** Between columns, and between several values of one field: signs that no value holds. */
export const columnEnd = '\u001f';
export const valueEnd = '\u001e';

/** Columns by their names in SQL, and tshark's fields. https://www.wireshark.org/docs/dfref/ */
export const packetFields = {
  frame: 'frame.number',
  time: 'frame.time_epoch',
  protocols: 'frame.protocols',
  ip4_src: 'ip.src',
  ip4_dst: 'ip.dst',
  ip6_src: 'ipv6.src',
  ip6_dst: 'ipv6.dst',
  tcp_stream: 'tcp.stream',
  tcp_src: 'tcp.srcport',
  tcp_dst: 'tcp.dstport',
  tcp_len: 'tcp.len',
  tcp_syn: 'tcp.flags.syn',
  tcp_ack: 'tcp.flags.ack',
  tcp_again: 'tcp.analysis.retransmission',
  tcp_spurious: 'tcp.analysis.spurious_retransmission',
  tcp_alive: 'tcp.analysis.keep_alive',
  udp_stream: 'udp.stream',
  udp_src: 'udp.srcport',
  udp_dst: 'udp.dstport',
  udp_len: 'udp.length',
  ftp_command: 'ftp.request.command',
  ftp_argument: 'ftp.request.arg',
  ftp_code: 'ftp.response.code',
  ftp_text: 'ftp.response.arg',
  tftp_opcode: 'tftp.opcode',
  tftp_source: 'tftp.source_file',
  tftp_destination: 'tftp.destination_file',
  smb_command: 'smb2.cmd',
  smb_response: 'smb2.flags.response',
  smb_message: 'smb2.msg_id',
  smb_status: 'smb2.nt_status',
  smb_tree: 'smb2.tree',
  smb_name: 'smb2.filename',
  smb_file: 'smb2.fid',
  smb_written: 'smb2.write_length',
  smb_eof: 'smb2.eof',
  smb_account: 'smb2.acct',
  smb_transform: 'smb2.header.transform.signature',
} as const;

const usualFolders: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  win32: ['C:\\Program Files\\Wireshark'],
  darwin: ['/Applications/Wireshark.app/Contents/MacOS'],
};

/** Path of tshark: on PATH, or where Wireshark's installers put it. @throws InputError `tshark-missing`. */
export function findTshark(): string {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...(usualFolders[process.platform] ?? []),
  ];
  const name = process.platform === 'win32' ? 'tshark.exe' : 'tshark';
  const found = folders.filter((folder) => folder !== '').map((folder) => join(folder, name));
  const path = found.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  throw new InputError({
    code: 'tshark-missing',
    message: 'captures are read by tshark, which is not installed',
    remedy:
      'install tshark (Debian: apt-get install tshark; elsewhere: Wireshark), or leave the captures out',
  });
}

/**
 * Writes one line per frame with {@link packetFields} to `target`.
 * @param folder a folder of this run's own: no settings of the user's alter what comes out.
 * @returns what tshark complained of, or undefined if it read the capture to its end.
 */
export async function writePackets(
  capture: string,
  target: string,
  folder: string,
): Promise<string | undefined> {
  const fields = Object.values(packetFields).flatMap((field) => ['-e', field]);
  const format = [
    '-T',
    'fields',
    '-E',
    `separator=${columnEnd}`,
    '-E',
    `aggregator=${valueEnd}`,
    '-E',
    'occurrence=a',
  ];
  const child = execa(findTshark(), ['-n', '-r', capture, ...format, ...fields], {
    env: { WIRESHARK_CONFIG_DIR: folder, LC_ALL: 'C' },
    stdin: 'ignore',
    buffer: { stdout: false },
    reject: false,
    stripFinalNewline: true,
    encoding: 'utf8',
    stdout: { file: target },
  });
  const result = await child;
  if (result.exitCode === 0) return undefined;
  const said = result.stderr.split('\n').filter((line) => !line.startsWith('Running as user'));
  return said.join(' ').trim() || `tshark ended with exit code ${String(result.exitCode)}`;
}
