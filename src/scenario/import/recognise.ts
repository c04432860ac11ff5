import type { ForeignProcedure } from './source.js';

/** What a line of a foreign procedure does, as far as it concerns a transfer over the three protocols. */
export type LineMeaning =
  | { readonly kind: 'transfer'; readonly variant: string; readonly destination: string | null }
  /** Credentials of a share: the scenario brings the lab's own. */
  | { readonly kind: 'credentials'; readonly destination: string | null }
  | { readonly kind: 'other'; readonly why: string };

interface Pattern {
  readonly shells: readonly ForeignProcedure['shell'][];
  readonly matches: RegExp;
  readonly variant: string;
  /** What must stand somewhere in the whole procedure. */
  readonly beside?: RegExp;
}

const unc = String.raw`\\\\(?<to>[^\\\s"'|&>]+)\\`;
const rundll = String.raw`rundll32(?:\.exe)?\b.*ShellExec_RunDLL[AW]?\b.*`;

/**
 * Forms of the tools in transfers.md, each with the scenario of the library that does the same. The first that matches counts, so a
 * tool that another one starts stands before that tool by itself.
 */
const patterns: readonly Pattern[] = [
  {
    shells: ['cmd', 'powershell'],
    variant: 'rundll32-ftp-child',
    matches: new RegExp(`${rundll}(?:ftp|curl)(?:\\.exe)?\\b(?!.*tftp:)`, 'i'),
  },
  {
    shells: ['cmd', 'powershell'],
    variant: 'rundll32-tftp-child',
    matches: new RegExp(`${rundll}tftp`, 'i'),
  },
  {
    shells: ['cmd', 'powershell'],
    variant: 'rundll32-smb-child',
    matches: new RegExp(`${rundll}copy\\b.*${unc}`, 'i'),
  },
  {
    shells: ['cmd'],
    variant: 'cmd-tftp-curl',
    matches: /\bcurl(?:\.exe)?\b.*(?:-T|--upload-file)\b.*tftp:\/\/(?<to>[^/\s"':]+)/i,
  },
  {
    shells: ['cmd'],
    variant: 'cmd-ftp-ftps',
    matches:
      /\bcurl(?:\.exe)?\b(?=.*(?:--ssl-reqd|--ssl\b|ftps:)).*(?:-T|--upload-file)\b.*ftps?:\/\/(?<to>[^/\s"':]+)/i,
  },
  {
    shells: ['cmd'],
    variant: 'cmd-ftp-curl',
    matches: /\bcurl(?:\.exe)?\b.*(?:-T|--upload-file)\b.*ftp:\/\/(?:[^@/\s]*@)?(?<to>[^/\s"':]+)/i,
  },
  {
    shells: ['cmd'],
    variant: 'cmd-tftp-client',
    matches: /\btftp(?:\.exe)?\s+(?:-i\s+)?(?<to>\S+)\s+put\b/i,
  },
  {
    shells: ['powershell'],
    variant: 'powershell-tftp-client',
    matches: /\btftp(?:\.exe)?\s+(?:-i\s+)?(?<to>\S+)\s+put\b/i,
  },
  {
    shells: ['cmd'],
    variant: 'cmd-ftp-client',
    matches: /(?:^|[&|(\s])ftp(?:\.exe)?\s+(?=.*-s:)(?:-\S+\s+)*(?<to>[\w.]+)?/i,
  },
  {
    shells: ['powershell'],
    variant: 'powershell-ftp-client',
    matches: /(?:^|[;&|(\s])ftp(?:\.exe)?\s+(?=.*-s:)(?:-\S+\s+)*(?<to>[\w.]+)?/i,
  },
  {
    shells: ['powershell'],
    variant: 'powershell-ftp-webclient',
    matches: /\.UploadFile(?:Async|TaskAsync)?\(\s*["']?(?!\s*https?:)(?:ftp:\/\/(?<to>[^/"':]+))?/i,
    // The address may be in a variable.
    beside: /ftp:\/\//i,
  },
  {
    shells: ['powershell'],
    variant: 'powershell-ftp-webclient',
    matches:
      /(?:FtpWebRequest|\[(?:System\.)?Net\.WebRequest\]::Create\(\s*["']ftp:).*?(?:ftp:\/\/(?<to>[^/"':]+))?/i,
  },
  {
    shells: ['cmd'],
    variant: 'cmd-smb-robocopy',
    matches: new RegExp(`\\brobocopy(?:\\.exe)?\\s+(?!["']?\\\\\\\\).*${unc}`, 'i'),
  },
  { shells: ['cmd'], variant: 'cmd-smb-redirect', matches: new RegExp(`\\btype\\b.*>\\s*["']?${unc}`, 'i') },
  {
    shells: ['cmd'],
    variant: 'cmd-smb-copy',
    matches: new RegExp(`\\b(?:x?copy|move)(?:\\.exe)?\\s+(?!["']?\\\\\\\\).*${unc}`, 'i'),
  },
  {
    shells: ['powershell'],
    variant: 'powershell-smb-stream',
    matches: new RegExp(`(?:WriteAllBytes|IO\\.FileStream|OpenWrite)\\b.*${unc}`, 'i'),
  },
  {
    shells: ['powershell'],
    variant: 'powershell-smb-copy',
    matches: new RegExp(`\\b(?:Copy-Item|copy|cp|cpi|robocopy|xcopy)\\b\\s+(?!["']?\\\\\\\\).*${unc}`, 'i'),
  },
  { shells: ['powershell'], variant: 'powershell-tftp-socket', matches: /UdpClient\b.*\b69\b/i },
];

const download = /(?:-o\b|--output|\bget\b|DownloadFile|Invoke-WebRequest|\biwr\b|certutil|bitsadmin)/i;

/** The meaning of one line of a procedure. */
export function meaningOf(
  line: string,
  { shell, command }: Pick<ForeignProcedure, 'shell' | 'command'>,
): LineMeaning {
  for (const { shells, matches, variant, beside } of patterns) {
    const found = shells.includes(shell) && beside?.test(command) !== false ? matches.exec(line) : null;
    if (found !== null) return { kind: 'transfer', variant, destination: found.groups?.['to'] ?? null };
  }
  const use = new RegExp(
    `\\bnet(?:\\.exe)?\\s+use\\b.*${unc}|\\bNew-(?:PSDrive|SmbMapping)\\b.*${unc.replace('<to>', '<root>')}`,
    'i',
  ).exec(line);
  if (use !== null)
    return { kind: 'credentials', destination: use.groups?.['to'] ?? use.groups?.['root'] ?? null };
  if (download.test(line)) return { kind: 'other', why: 'it fetches something, which a scenario never does' };
  return { kind: 'other', why: 'it is no upload over FTP, SMB or TFTP that the library has a scenario for' };
}
