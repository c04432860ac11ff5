import { InputError } from '../../core/index.js';
import type { StateDirectory } from './state-directory.js';

export interface SambaSettings {
  readonly paths: StateDirectory;
  /** Port on 127.0.0.1 that only the front connects to. */
  readonly port: number;
  readonly share: string;
  /** The Unix user as whom sessions are served. */
  readonly unixUser: string;
  /** Loopback addresses from which the front connects, as `hosts allow` spells them. */
  readonly frontAddresses: string;
  /** Only encrypted sessions are served, which begin with SMB 3.0. */
  readonly encrypt: boolean;
}

/** Share and account names that need no quoting in smb.conf and in a user map. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws InputError for a name that smb.conf could read as something else */
export function checkSambaName(kind: 'share' | 'account', name: string): void {
  if (plainName.test(name)) return;
  throw new InputError({
    code: `smb-${kind}-invalid`,
    message: `"${name}" cannot be the SMB ${kind}`,
    remedy: 'use letters, digits, dot, underscore and hyphen, 64 characters at most',
  });
}

/**
 * smb.conf(5) of a private Samba: loopback only, SMB 2.1 to 3.1.1, signed, no guests, no printers, no NetBIOS, no IPC services.
 * Encrypted on demand, or always. No leases, oplocks or durable handles: with them a client defers its CLOSE, and a handle outlives its connection.
 * One log file per client address, so that the lines of two connections cannot mingle.
 */
export function sambaConfig(settings: SambaSettings): string {
  const { paths } = settings;
  return `[global]
  workgroup = LAB
  netbios name = DYETRACE
  server string = Dyetrace SMB sink
  server role = standalone server
  smb ports = ${settings.port}
  interfaces = 127.0.0.1/8
  bind interfaces only = yes
  hosts allow = ${settings.frontAddresses}
  hosts deny = ALL
  disable netbios = yes
  server min protocol = ${settings.encrypt ? 'SMB3_00' : 'SMB2_10'}
  server max protocol = SMB3_11
  server signing = mandatory
  server smb encrypt = ${settings.encrypt ? 'required' : 'default'}
  server multi channel support = no
  ntlm auth = ntlmv2-only
  map to guest = never
  restrict anonymous = 2
  username map = ${paths.userMap}
  passdb backend = tdbsam:${paths.private}/passdb.tdb
  private dir = ${paths.private}
  lock directory = ${paths.state}
  state directory = ${paths.state}
  cache directory = ${paths.state}
  pid directory = ${paths.state}
  ncalrpc dir = ${paths.state}/ncalrpc
  log file = ${paths.logs}/log.%I
  max log size = 0
  log level = 2 auth:0 full_audit:1 auth_audit:3
  load printers = no
  printing = bsd
  printcap name = /dev/null
  disable spoolss = yes
  usershare max shares = 0
  rpc start on demand helpers = no
  durable handles = no
  smb2 leases = no
  oplocks = no
  level2 oplocks = no

[${settings.share}]
  path = ${paths.share}
  read only = no
  guest ok = no
  valid users = ${settings.unixUser}
  browseable = no
  follow symlinks = no
  wide links = no
  store dos attributes = yes
  map archive = no
  map readonly = no
  vfs objects = full_audit acl_xattr
  acl_xattr:ignore system acls = yes
  acl_xattr:default acl style = everyone
  full_audit:prefix = %I
  full_audit:success = create_file unlinkat pread pread_send pwrite pwrite_send
  full_audit:failure = create_file
  full_audit:syslog = false
`;
}
