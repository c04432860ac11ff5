import { createHash } from 'node:crypto';
import type { SimulatedProcess } from '../activity.js';

/** What Windows knows about the account and token of a process. */
export interface Logon {
  readonly name: string;
  readonly domain: string;
  readonly sid: string;
  /** `0x3e7` */
  readonly logonId: string;
  readonly logonGuid: string;
  readonly sessionId: number;
  readonly integrityLevel: 'System' | 'High' | 'Medium';
  readonly mandatoryLabel: string;
  /** `%%1936` default, `%%1937` full, `%%1938` limited. */
  readonly tokenElevationType: string;
}

const services: Readonly<Record<string, { sid: string; logonId: string }>> = {
  SYSTEM: { sid: 'S-1-5-18', logonId: '0x3e7' },
  'LOCAL SERVICE': { sid: 'S-1-5-19', logonId: '0x3e5' },
  'NETWORK SERVICE': { sid: 'S-1-5-20', logonId: '0x3e4' },
};

const number = (text: string, bytes: number) =>
  createHash('sha256').update(text).digest().readUIntBE(0, bytes);

/** `{aabbccdd-0000-0000-e703-000000000000}`: machine, then the logon id's bytes, as Sysmon writes a LogonGuid. */
function guidOf(computer: string, logonId: string): string {
  const machine = createHash('sha256').update(computer).digest('hex').slice(0, 8);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(logonId));
  const low = bytes.toString('hex');
  return `{${machine}-0000-0000-${low.slice(0, 4)}-${low.slice(4)}}`;
}

function isRemoteLogin(process: SimulatedProcess): boolean {
  for (let up = process.parent; up !== null; up = up.parent) {
    if (/\\sshd(-session)?\.exe$/i.test(up.image)) return true;
  }
  return false;
}

/**
 * Account and token of a process. Service accounts have the well-known ids; the ids of other accounts depend on their name
 * alone. A session that sshd.exe opened for an administrator has a full token in session 0, a desktop user's is limited.
 */
export function logonOf(computer: string, process: SimulatedProcess): Logon {
  const remote = isRemoteLogin(process);
  const key = [computer, process.user, remote].join('\n');
  const logon = known.get(key) ?? makeLogon(computer, process.user, remote);
  known.set(key, logon);
  return logon;
}

// A few accounts, asked for with every event.
const known = new Map<string, Logon>();

function makeLogon(computer: string, user: string, remote: boolean): Logon {
  const separator = user.indexOf('\\');
  const domain = user.slice(0, Math.max(separator, 0));
  const name = user.slice(separator + 1);
  const service = services[name.toUpperCase()];
  if (service !== undefined) {
    return {
      ...service,
      name,
      domain,
      logonGuid: guidOf(computer, service.logonId),
      sessionId: 0,
      integrityLevel: 'System',
      mandatoryLabel: 'S-1-16-16384',
      tokenElevationType: '%%1936',
    };
  }
  const logonId = `0x${(0x40000 + number(`${computer}\n${user}\n${remote}`, 3)).toString(16)}`;
  const authority = [0, 1, 2].map((index) => number(`${domain}\n${index}`, 4)).join('-');
  return {
    name,
    domain,
    sid: `S-1-5-21-${authority}-${1000 + (number(user, 2) % 9000)}`,
    logonId,
    logonGuid: guidOf(computer, logonId),
    sessionId: remote ? 0 : 1,
    integrityLevel: remote ? 'High' : 'Medium',
    mandatoryLabel: remote ? 'S-1-16-12288' : 'S-1-16-8192',
    tokenElevationType: remote ? '%%1937' : '%%1938',
  };
}
