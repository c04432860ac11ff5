import type { SimulatedProcess } from '../activity.js';
import { servers, type World } from './world.js';

/** Something ordinary that begins at `at` (ms since the epoch) and is over within two minutes. */
export type Session = (world: World, at: number) => void;

const system32 = 'C:\\Windows\\System32';
const powershell = `${system32}\\WindowsPowerShell\\v1.0\\powershell.exe`;
const cmd = `${system32}\\cmd.exe`;
const kib = 1024;

const sites = [
  'www.example.com',
  'cdn.example.net',
  'mail.example.org',
  'chat.example.com',
  'docs.example.net',
];
const updates = ['updates.example.com', 'telemetry.example.net', 'ctl.example.org'];

function https(world: World, owner: SimulatedProcess, names: readonly string[], at: number): void {
  const { random } = world;
  const ip = `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${100 + random.integer(100)}`;
  const name = random.pick(names);
  world.activities.push({ kind: 'name-resolved', at, process: owner, name, answers: [ip] });
  world.connect({
    owner,
    remote: { ip, port: 443 },
    at: at + 20,
    lastsMs: 300 + random.integer(60_000),
    sent: 800 + random.integer(20 * kib),
    received: 4 * kib + random.integer(900 * kib),
  });
}

const browse: Session = (world, at) =>
  https(world, world.random.pick([world.browser, world.chat]), sites, at);
const update: Session = (world, at) => https(world, world.updater, updates, at);

const scheduledTask: Session = (world, at) => {
  const [image, tail] = world.random.pick([
    ['taskhostw.exe', ' KEYROAMING'],
    ['sc.exe', ' start w32time task_started'],
    ['ipconfig.exe', ' /registerdns'],
    ['whoami.exe', ' /groups'],
  ] as const);
  const process = world.start(world.scheduler, `${system32}\\${image}`, `${system32}\\${image}${tail}`, at);
  world.end(process, at + 100 + world.random.integer(5000));
};

const saveDocument: Session = (world, at) => {
  const path = `C:\\Users\\m.rivera\\Documents\\report-${world.random.integer(1000)}.docx`;
  world.activities.push({ kind: 'file-created', at, process: world.office, path });
};

/** An administrator's inventory: script blocks, cmdlets and a short WinRM session. */
const inventory: Session = (world, at) => {
  const path = 'C:\\Admin\\Get-Inventory.ps1';
  const process = world.start(world.scheduler, powershell, `powershell.exe -NoProfile -File ${path}`, at);
  const text = 'Get-Process | Sort-Object CPU -Descending | Select-Object -First 10\r\nTest-WSMan mgmt01';
  world.activities.push({ kind: 'script-block', at: at + 300, process, text, path });
  for (const [index, command] of ['Get-Process', 'Sort-Object', 'Select-Object'].entries()) {
    const parameters: Record<string, string> = command === 'Select-Object' ? { First: '10' } : {};
    const when = at + 350 + index * 10;
    world.activities.push({ kind: 'module-logged', at: when, process, command, parameters, path });
  }
  world.connect({
    owner: process,
    remote: { ip: servers.winrm, port: 5985 },
    at: at + 500,
    lastsMs: 400,
    sent: 3 * kib + world.random.integer(2 * kib),
    received: 5 * kib + world.random.integer(3 * kib),
  });
  world.end(process, at + 1500);
};

/** Reads a file from the file server: nearly everything comes in. */
function readShare(world: World, fileName: string, bytes: number, at: number, ip: string, share: string) {
  const socket = world.connect({
    owner: world.system,
    remote: { ip, port: 445 },
    at,
    lastsMs: 500 + world.random.integer(20_000),
    sent: 2 * kib + Math.floor(bytes / 500),
    received: 3 * kib + bytes,
    service: 'smb',
  });
  const file = { socket, share: `\\\\${ip}\\${share}`, fileName };
  world.activities.push({ kind: 'smb-file', at: at + 50, ...file, action: 'open', bytes: 0 });
  world.activities.push({ kind: 'smb-file', at: at + 200, ...file, action: 'read', bytes });
}

const openFromShare: Session = (world, at) => {
  const { random } = world;
  const name = `minutes-${random.integer(400)}.docx`;
  readShare(world, name, 20 * kib + random.integer(3000 * kib), at, servers.files, 'public');
};

/** cmd.exe copies from a share: the same command as an upload, the other way round. */
const logonScript: Session = (world, at) => {
  const name = `policy-${world.random.integer(50)}.xml`;
  const source = `\\\\${servers.files}\\public\\${name}`;
  const process = world.start(
    world.shell,
    cmd,
    `C:\\Windows\\system32\\cmd.exe /d /c copy /y ${source} C:\\ProgramData\\Policy\\`,
    at,
  );
  readShare(world, name, 40 * kib + world.random.integer(200 * kib), at + 30, servers.files, 'public');
  const path = `C:\\ProgramData\\Policy\\${name}`;
  world.activities.push({ kind: 'file-created', at: at + 400, process, path });
  world.end(process, at + 700);
};

/** rundll32.exe asks a print server: small, and more comes back than goes out. */
const printer: Session = (world, at) => {
  const process = world.start(
    world.shell,
    `${system32}\\rundll32.exe`,
    `rundll32.exe printui.dll,PrintUIEntry /in /n \\\\${servers.print}\\Floor2`,
    at,
  );
  world.connect({
    owner: world.system,
    remote: { ip: servers.print, port: 445 },
    at: at + 40,
    lastsMs: 900,
    sent: 5 * kib,
    received: 12 * kib,
    service: 'smb',
  });
  world.end(process, at + 1200);
};

/** What goes on all the time, by weight. */
export const everyday: readonly (readonly [number, Session])[] = [
  [40, browse],
  [20, update],
  [15, scheduledTask],
  [8, openFromShare],
  [6, saveDocument],
  [5, inventory],
  [3, logonScript],
  [3, printer],
];
