import { createHash } from 'node:crypto';
import type { SimulatedProcess } from '../activity.js';
import { curlVersion, windowsBuild } from '../host/version.js';

/** Version resource of an executable, as Sysmon 1 shows it. `-` for what the file does not say. */
export interface ImageDetails {
  readonly fileVersion: string;
  readonly description: string;
  readonly product: string;
  readonly company: string;
  readonly hashes: string;
}

// Descriptions from the version resources of Windows 10 22H2's own files.
const windowsDescriptions: Readonly<Record<string, string>> = {
  'cmd.exe': 'Windows Command Processor',
  'powershell.exe': 'Windows PowerShell',
  'rundll32.exe': 'Windows host process (Rundll32)',
  'ftp.exe': 'File Transfer Program',
  'tftp.exe': 'Trivial File Transfer Protocol App',
  'net.exe': 'Net Command',
  'net1.exe': 'Net Command',
  'ping.exe': 'TCP/IP Ping Command',
  'timeout.exe': 'timeout - pauses command processing',
  'robocopy.exe': 'Microsoft Robocopy',
  'xcopy.exe': 'Extended Copy Utility',
  'wevtutil.exe': 'Eventing Command Line Utility',
  'svchost.exe': 'Host Process for Windows Services',
  'services.exe': 'Services and Controller app',
  'taskhostw.exe': 'Host Process for Windows Tasks',
  'explorer.exe': 'Windows Explorer',
  'conhost.exe': 'Console Window Host',
  'whoami.exe': 'whoami - displays logged on user information',
  'ipconfig.exe': 'IP Configuration Utility',
  'reg.exe': 'Registry Console Tool',
  'sc.exe': 'Service Control Manager Configuration Tool',
  'where.exe': 'Where - Lists location of files',
  'notepad.exe': 'Notepad',
};

const others: Readonly<Record<string, Omit<ImageDetails, 'hashes'>>> = {
  'curl.exe': {
    fileVersion: curlVersion,
    description: 'The curl executable',
    product: 'The curl executable',
    company: 'curl, https://curl.se/',
  },
};

const unknown = { fileVersion: '-', description: '-', product: '-', company: '-' };

// A few programs, asked for with every process.
const knownHashes = new Map<string, string>();

function hashOf(program: string): string {
  const standIn = `Dyetrace simulated image: ${program}`;
  const hash = knownHashes.get(program) ?? createHash('sha256').update(standIn).digest('hex').toUpperCase();
  knownHashes.set(program, hash);
  return hash;
}

/**
 * Details of a process's image. The hash is that of a stand-in text, since a simulated host has no executable: equal for every
 * copy of one program (so a renamed copy is recognised, as on Windows), and of no real file.
 */
export function imageDetails(process: SimulatedProcess): ImageDetails {
  const original = process.originalFileName.toLowerCase();
  const hashes = `SHA256=${hashOf(original === '-' ? process.image.toLowerCase() : original)}`;
  const description = windowsDescriptions[original];
  if (description === undefined) return { ...(others[original] ?? unknown), hashes };
  return {
    fileVersion: `10.0.${windowsBuild.build}.1 (WinBuild.160101.0800)`,
    description,
    product: 'Microsoft® Windows® Operating System',
    company: 'Microsoft Corporation',
    hashes,
  };
}
