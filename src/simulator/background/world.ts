import { createHash } from 'node:crypto';
import type { Endpoint, Random } from '../../core/index.js';
import type { Activity, SimulatedProcess, SimulatedSocket } from '../activity.js';

/** Machines of the ordinary network: 10.20.0.0/16, and the documentation ranges (RFC 5737) for the internet. */
export const servers = {
  files: '10.20.0.30',
  print: '10.20.0.31',
  winrm: '10.20.0.35',
  backup: '10.20.0.40',
  switch: '10.20.0.2',
  vendorFtp: '198.51.100.21',
  partnerFtp: '203.0.113.10',
  statusFtp: '198.51.100.77',
} as const;

const system32 = 'C:\\Windows\\System32';

/** The host's ordinary life: who runs since boot, and the means to let things happen. */
export interface World {
  readonly random: Random;
  readonly address: string;
  readonly user: string;
  readonly system: SimulatedProcess;
  readonly scheduler: SimulatedProcess;
  readonly updater: SimulatedProcess;
  readonly shell: SimulatedProcess;
  readonly browser: SimulatedProcess;
  readonly chat: SimulatedProcess;
  readonly office: SimulatedProcess;
  readonly backupAgent: SimulatedProcess;
  /** What has happened so far, in no order. */
  readonly activities: Activity[];
  start(parent: SimulatedProcess, image: string, commandLine: string, at: number): SimulatedProcess;
  end(process: SimulatedProcess, at: number): void;
  connect(flow: FlowRequest): SimulatedSocket;
}

export interface FlowRequest {
  readonly owner: SimulatedProcess;
  readonly remote: Endpoint;
  readonly at: number;
  readonly lastsMs: number;
  readonly sent: number;
  readonly received: number;
  readonly service?: SimulatedSocket['service'];
  readonly transport?: 'tcp' | 'udp';
  readonly openedBy?: 'local' | 'remote';
  /** Local port, where a former socket's is kept. */
  readonly localPort?: number;
}

const originalNames: Readonly<Record<string, string>> = {
  'cmd.exe': 'Cmd.Exe',
  'powershell.exe': 'PowerShell.EXE',
  'rundll32.exe': 'RUNDLL32.EXE',
  'explorer.exe': 'EXPLORER.EXE',
};

const fileName = (image: string) => image.slice(image.lastIndexOf('\\') + 1);

export interface WorldOptions {
  readonly computer: string;
  readonly random: Random;
  /** Address of the host on the ordinary network. */
  readonly address: string;
  /** System and services.exe, which the rest of the host shares. */
  readonly boot: { readonly system: SimulatedProcess; readonly services: SimulatedProcess };
}

/** The ordinary processes of a workstation, and a clockless stage for what they do: every call says when. */
export function createWorld(options: WorldOptions): World {
  const { computer, random, boot } = options;
  const bootedAt = boot.services.startedAt;
  const machine = createHash('sha256').update(computer).digest('hex').slice(0, 8);
  const user = 'CORP\\m.rivera';
  const activities: Activity[] = [];
  // Above the ids that the host gives to processes which it really runs.
  let pid = 29_200;
  let token = 0x100000;
  let port = 49_152;
  let socketNumber = 0;

  function make(
    parent: SimulatedProcess,
    image: string,
    commandLine: string,
    startedAt: number,
    account: string,
  ): SimulatedProcess {
    pid += 4 * (1 + random.integer(4));
    token += 1;
    const time = Math.floor(startedAt / 1000)
      .toString(16)
      .padStart(8, '0');
    const number = token.toString(16).padStart(8, '0');
    const name = fileName(image);
    return {
      pid,
      guid: `{${machine}-${time.slice(4)}-${time.slice(0, 4)}-${number.slice(0, 4)}-${number.slice(4)}00000400}`,
      parent,
      image,
      originalFileName: originalNames[name] ?? name,
      commandLine,
      currentDirectory: 'C:\\Windows\\system32\\',
      user: account,
      startedAt,
    };
  }

  const service = (image: string, commandLine: string) =>
    make(boot.services, image, commandLine, bootedAt, 'NT AUTHORITY\\SYSTEM');
  const scheduler = service(
    `${system32}\\svchost.exe`,
    'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule',
  );
  const updater = service(
    `${system32}\\svchost.exe`,
    'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s wuauserv',
  );
  const backupAgent = service(
    'C:\\Program Files\\Backup Agent\\BackupAgent.exe',
    '"C:\\Program Files\\Backup Agent\\BackupAgent.exe" --service',
  );
  const desktop = (parent: SimulatedProcess, image: string) =>
    make(parent, image, `"${image}"`, bootedAt, user);
  const shell = desktop(boot.services, 'C:\\Windows\\explorer.exe');

  return {
    random,
    address: options.address,
    user,
    system: boot.system,
    scheduler,
    updater,
    shell,
    browser: desktop(shell, 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'),
    chat: desktop(shell, 'C:\\Program Files\\WindowsApps\\MSTeams\\ms-teams.exe'),
    office: desktop(shell, 'C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE'),
    backupAgent,
    activities,
    start(parent, image, commandLine, at) {
      const process = make(parent, image, commandLine, at, parent.user);
      activities.push({ kind: 'process-started', at, process });
      return process;
    },
    end(process, at) {
      activities.push({ kind: 'process-ended', at, process, exitCode: 0 });
    },
    connect(flow) {
      port = port >= 65_000 ? 49_152 : port + 1 + random.integer(5);
      socketNumber += 1;
      const { at, owner, remote, sent, received } = flow;
      const socket: SimulatedSocket = {
        id: `background-${computer}-${socketNumber}`,
        transport: flow.transport ?? 'tcp',
        local: { ip: options.address, port: flow.localPort ?? port },
        remote,
        openedBy: flow.openedBy ?? 'local',
        owner,
        openedAt: at,
        service: flow.service ?? null,
      };
      const end = at + Math.max(flow.lastsMs, 1);
      activities.push({ kind: 'socket-opened', at, socket });
      activities.push({
        kind: 'socket-closed',
        at: end,
        socket,
        bytesSent: sent,
        bytesReceived: received,
        firstByteAt: at,
        lastByteAt: end,
      });
      return socket;
    },
  };
}
