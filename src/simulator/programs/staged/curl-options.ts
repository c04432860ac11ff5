export interface CurlRequest {
  readonly url: string;
  /** Local file of `-T`; null: a download. */
  readonly upload: string | null;
  readonly output: string | null;
  readonly user: string | null;
  readonly showsError: boolean;
  readonly noTftpOptions: boolean;
}

const withValue: Readonly<Record<string, 'upload' | 'output' | 'user'>> = {
  '-T': 'upload',
  '--upload-file': 'upload',
  '-o': 'output',
  '--output': 'output',
  '-u': 'user',
  '--user': 'user',
};
const flags: Readonly<Record<string, string>> = {
  '-s': 'silent',
  '--silent': 'silent',
  '-S': 'show-error',
  '--show-error': 'show-error',
  '--tftp-no-options': 'tftp-no-options',
  '--ftp-pasv': 'ftp-pasv',
};

/** Reads curl's arguments; short options may stand together, their value too. @returns what curl complains of, as text */
export function readCurl(args: readonly string[]): CurlRequest | string {
  const values: Partial<Record<'upload' | 'output' | 'user', string>> = {};
  const set = new Set<string>();
  const urls: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const option = arg.startsWith('--') ? arg : arg.slice(0, 2);
    const valued = withValue[option];
    const flag = flags[option];
    if (!arg.startsWith('-')) urls.push(arg);
    else if (valued !== undefined) {
      const value = arg === option ? rest.shift() : arg.slice(2);
      if (value === undefined) return `option ${arg}: requires parameter`;
      values[valued] = value;
    } else if (flag !== undefined) {
      set.add(flag);
      if (arg !== option) rest.unshift(`-${arg.slice(2)}`);
    } else return `option ${arg}: is unknown`;
  }
  const [url] = urls;
  if (url === undefined) return '(2) no URL specified';
  return {
    url,
    upload: values.upload ?? null,
    output: values.output ?? null,
    user: values.user ?? null,
    showsError: !set.has('silent') || set.has('show-error'),
    noTftpOptions: set.has('tftp-no-options'),
  };
}
