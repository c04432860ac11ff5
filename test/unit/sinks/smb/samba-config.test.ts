import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSambaName, sambaConfig } from '../../../../src/sinks/smb/samba-config.js';

const paths = {
  base: '/b',
  config: '/b/smb.conf',
  userMap: '/b/users.map',
  private: '/b/private',
  state: '/b/state',
  logs: '/b/logs',
  share: '/b/share',
  received: '/b/received',
};
const settings = {
  paths,
  port: 14_450,
  share: 'drop',
  unixUser: 'nobody',
  frontAddresses: '127.64.0.0/255.255.0.0',
  encrypt: false,
};
const config = sambaConfig(settings);

describe('sambaConfig', () => {
  it.each([
    'interfaces = 127.0.0.1/8',
    'bind interfaces only = yes',
    'smb ports = 14450',
    'hosts deny = ALL',
    'server min protocol = SMB2_10',
    'server max protocol = SMB3_11',
    'server signing = mandatory',
    'server multi channel support = no',
    'map to guest = never',
    'guest ok = no',
    'disable netbios = yes',
    'load printers = no',
    'usershare max shares = 0',
    'full_audit:syslog = false',
  ])('says %s', (line) => {
    expect(config.split('\n').map((text) => text.trim())).toContain(line);
  });

  it('keeps every path below the directory of the sink', () => {
    const absolute = [...config.matchAll(/(?<=[=:]\s?)\/\S+/g)].map(([path]) => path);
    expect(absolute.length).toBeGreaterThan(8);
    for (const path of absolute.filter((one) => one !== '/dev/null')) expect(path).toMatch(/^\/b\//);
  });

  it('requires encryption where it is told to, and the protocol that has it', () => {
    const encrypted = sambaConfig({ ...settings, encrypt: true });
    expect(encrypted).toMatch(/^ {2}server smb encrypt = required$/m);
    expect(encrypted).toMatch(/^ {2}server min protocol = SMB3_00$/m);
    expect(config).toMatch(/^ {2}server smb encrypt = default$/m);
  });

  it('has two sections', () => {
    expect([...config.matchAll(/^\[(.*)\]$/gm)].map(([, name]) => name)).toEqual(['global', 'drop']);
  });
});

describe('checkSambaName', () => {
  it('takes the names that a plan makes', () => {
    expect(() => checkSambaName('share', 'drop')).not.toThrow();
    expect(() => checkSambaName('account', 'dk3f9q2x')).not.toThrow();
  });

  it.each(['', 'a b', 'x]', '%u', '@group', '*', 'a\nroot = b', '!x', 'a"b', 'IPC$'])(
    'refuses %j',
    (name) => {
      expect(() => checkSambaName('account', name)).toThrow(
        expect.objectContaining({ code: 'smb-account-invalid' }),
      );
    },
  );

  it('lets nothing through that smb.conf or a user map reads as more than a name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (name) => {
        try {
          checkSambaName('share', name);
        } catch {
          return;
        }
        expect(name).not.toMatch(/[^\w.-]/);
      }),
    );
  });
});
