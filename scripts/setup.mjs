// What `npm start` and `npm test` need, made ready by themselves. Only Node's own modules: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const mayInstall = process.env.DYETRACE_NO_INSTALL !== '1';

/** Runs a program with its output on standard error, and ends this process if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (error === undefined && status === 0) return;
  console.error(`${command} ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`);
  process.exit(status ?? 1);
}

/** npm as a Node script: no shell is needed, on Windows neither. */
function npm(args) {
  const script = process.env.npm_execpath;
  if (script !== undefined && /\.c?js$/.test(script)) run(process.execPath, [script, ...args]);
  else run('npm', args, { shell: process.platform === 'win32' });
}

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
}

function mtime(path) {
  return existsSync(join(root, path)) ? statSync(join(root, path)).mtimeMs : 0;
}

function nodePackages() {
  if (mtime('node_modules/.package-lock.json') >= mtime('package-lock.json')) return;
  if (!mayInstall) {
    console.error(
      'Node packages are absent or older than package-lock.json, and DYETRACE_NO_INSTALL=1 forbids installing: run npm ci --ignore-scripts',
    );
    process.exit(2);
  }
  console.error('Installing the Node packages of package-lock.json …');
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

function build() {
  if (
    mtime('dist/main.js') > Math.max(newest(join(root, 'src')), mtime('tsconfig.json'), mtime('package.json'))
  )
    return;
  console.error('Building …');
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
}

/** Whether one of the programs is on PATH or among the system programs. */
function has(programs) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin'];
  return programs.some((program) => folders.some((folder) => existsSync(join(folder, program))));
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** @param needs list of { programs, packages, without }: what is looked for, what brings it, what is left out meanwhile */
function systemPackages(needs) {
  const missing = needs.filter((need) => !has(need.programs));
  if (missing.length === 0) return;
  const packages = missing.flatMap((need) => need.packages);
  if (mayInstall && isDebian() && process.getuid?.() === 0) {
    for (const need of missing)
      console.error(`Installing ${need.packages.join(', ')} (without it: ${need.without}) …`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
    return;
  }
  for (const need of missing)
    console.error(
      `Missing: ${need.programs[0]} (Debian and Ubuntu: apt-get install ${need.packages.join(' ')}). Left out meanwhile: ${need.without}`,
    );
}

export const startNeeds = [
  {
    programs: ['smbd'],
    packages: ['samba', 'samba-common-bin', 'samba-vfs-modules'],
    without: 'the SMB executions end as errors',
  },
  { programs: ['smbclient'], packages: ['smbclient'], without: 'the SMB executions end as errors' },
];

export const testNeeds = [
  ...startNeeds,
  { programs: ['sshd'], packages: ['openssh-server'], without: 'tests against OpenSSH and the Wine host' },
  { programs: ['wine'], packages: ['wine', 'wine64'], without: 'tests on the Wine host' },
  {
    programs: ['x86_64-w64-mingw32-gcc'],
    packages: ['gcc-mingw-w64-x86-64'],
    without: 'the tracer DLL and its tests',
  },
  { programs: ['tshark'], packages: ['tshark'], without: 'tests against captures' },
  { programs: ['nfpcapd', 'nfdump'], packages: ['nfdump'], without: 'tests of NetFlow records' },
  {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    packages: ['chromium'],
    without: 'tests of the HTML report in a browser',
  },
  { programs: ['pgrep'], packages: ['procps'], without: 'tests that end process trees' },
  {
    programs: ['evtxexport'],
    packages: ['libevtx-utils'],
    without: 'the comparison of EVTX records with libevtx',
  },
  { programs: ['curl'], packages: ['curl'], without: 'tests of the sinks with curl' },
  { programs: ['openssl'], packages: ['openssl'], without: 'tests of FTPS with OpenSSL' },
];

export function setup(needs) {
  nodePackages();
  build();
  systemPackages(needs);
}
