import { expandBraces } from './braces.js';

/** One transfer of a curl command line. */
export interface CurlTransfer {
  readonly url: string;
  /** Local file of `-T`; null: a download. */
  readonly upload: string | null;
  readonly output: string | null;
}

export interface CurlRequest {
  readonly transfers: readonly CurlTransfer[];
  readonly user: string | null;
  readonly showsError: boolean;
  readonly append: boolean;
  /** `--ssl-reqd`: no transfer without TLS. */
  readonly tls: boolean;
  readonly insecure: boolean;
  readonly pins: readonly string[];
  /** EPSV before PASV. */
  readonly extended: boolean;
  /** `--max-time`, in milliseconds. */
  readonly maxTimeMs: number | null;
  readonly tftpOptions: boolean;
  readonly tftpBlockSize: number;
}

const withValue: Readonly<Record<string, string>> = {
  '-T': 'upload',
  '--upload-file': 'upload',
  '-o': 'output',
  '--output': 'output',
  '-u': 'user',
  '--user': 'user',
  '-m': 'max-time',
  '--max-time': 'max-time',
  '--connect-timeout': 'connect-timeout',
  '--pinnedpubkey': 'pinnedpubkey',
  '--tftp-blksize': 'tftp-blksize',
  '--url': 'url',
};
const flags: Readonly<Record<string, string>> = {
  '-s': 'silent',
  '--silent': 'silent',
  '-S': 'show-error',
  '--show-error': 'show-error',
  '-a': 'append',
  '--append': 'append',
  '-k': 'insecure',
  '--insecure': 'insecure',
  '--ssl-reqd': 'ssl-reqd',
  '--disable-epsv': 'disable-epsv',
  '--ftp-pasv': 'ftp-pasv',
  '--tftp-no-options': 'tftp-no-options',
  '--no-progress-meter': 'no-progress-meter',
};

interface Given {
  readonly set: ReadonlySet<string>;
  readonly values: (name: string) => readonly string[];
}

/** Options and their values, in the order given; short options may stand together, the last one's value too. */
function parse(args: readonly string[]): Given | string {
  const set = new Set<string>();
  const values = new Map<string, string[]>();
  const add = (name: string, value: string): void => {
    values.set(name, [...(values.get(name) ?? []), value]);
  };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const option = arg.startsWith('--') ? arg : arg.slice(0, 2);
    const valued = withValue[option];
    const flag = flags[option];
    if (!arg.startsWith('-')) add('url', arg);
    else if (valued !== undefined) {
      const value = arg === option ? rest.shift() : arg.slice(2);
      if (value === undefined) return `option ${arg}: requires parameter`;
      add(valued, value);
    } else if (flag !== undefined) {
      set.add(flag);
      if (arg !== option) rest.unshift(`-${arg.slice(2)}`);
    } else return `option ${arg}: is unknown`;
  }
  return { set, values: (name) => values.get(name) ?? [] };
}

/** Each URL with its `-T` and `-o`; a `-T` that names several files in braces is as many transfers. */
function transfersOf({ values }: Given): CurlTransfer[] {
  const [uploads, outputs] = [values('upload'), values('output')];
  return values('url').flatMap((url, at): CurlTransfer[] => {
    const [upload, output = null] = [uploads[at], outputs[at]];
    if (upload === undefined) return [{ url, upload: null, output }];
    return expandBraces(upload).map((file) => ({ url, upload: file, output }));
  });
}

/** Reads curl's arguments (curl.1). @returns what curl complains of, as text */
export function readCurl(args: readonly string[]): CurlRequest | string {
  const given = parse(args);
  if (typeof given === 'string') return given;
  const { set, values } = given;
  const transfers = transfersOf(given);
  if (transfers.length === 0) return '(2) no URL specified';
  const blockSize = Number(values('tftp-blksize').at(-1) ?? 512);
  const seconds = Number(values('max-time').at(-1) ?? Number.NaN);
  if (!Number.isInteger(blockSize)) return 'option --tftp-blksize: expected a proper numerical parameter';
  return {
    transfers,
    user: values('user').at(-1) ?? null,
    showsError: !set.has('silent') || set.has('show-error'),
    append: set.has('append'),
    tls: set.has('ssl-reqd'),
    insecure: set.has('insecure'),
    pins: values('pinnedpubkey').flatMap((pins) => pins.split(';')),
    extended: !set.has('disable-epsv'),
    maxTimeMs: Number.isFinite(seconds) ? seconds * 1000 : null,
    tftpOptions: !set.has('tftp-no-options'),
    tftpBlockSize: blockSize,
  };
}
