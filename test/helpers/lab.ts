import { labSchema, type LabInput, type ResolvedLab } from '../../src/config/index.js';

/** A small lab whose scope allows all that it names. Nothing in it is contacted unless a test does. */
export function testLab(change: (lab: LabInput) => void = () => undefined): ResolvedLab {
  const input: LabInput = {
    lab: { name: 'test-lab', contact: 'tests' },
    authorisation: { by: 'tests', until: '2030-01-01T00:00:00Z' },
    scope: {
      hosts: ['ws01'],
      sinks: [
        { address: '127.0.2.250', ports: [21, 69, 445] },
        { address: '127.0.3.250', ports: [21, 69, 445] },
        { address: '127.0.4.250', ports: [21, 445] },
      ],
      protocols: ['ftp', 'smb', 'tftp'],
    },
    hosts: [
      {
        id: 'ws01',
        name: 'WS01',
        address: '127.0.1.250',
        executor: { kind: 'ssh', user: 'dyetrace', hostKey: `SHA256:${'A'.repeat(43)}` },
      },
    ],
    sinks: [
      { id: 'ftp', protocol: 'ftp', address: '127.0.2.250', port: 21, zone: 'internet' },
      { id: 'smb', protocol: 'smb', address: '127.0.2.250', port: 445, zone: 'partner' },
      { id: 'tftp', protocol: 'tftp', address: '127.0.2.250', port: 69 },
      { id: 'approved-ftp', protocol: 'ftp', address: '127.0.3.250', port: 21 },
      { id: 'approved-smb', protocol: 'smb', address: '127.0.3.250', port: 445 },
      { id: 'approved-tftp', protocol: 'tftp', address: '127.0.3.250', port: 69 },
      {
        id: 'ftps',
        protocol: 'ftp',
        address: '127.0.4.250',
        port: 21,
        tls: { certificate: 'sink.crt', key: 'sink.key' },
      },
      { id: 'smb3', protocol: 'smb', address: '127.0.4.250', port: 445, encrypt: 'required' },
    ],
    approvedTransfers: (['ftp', 'smb', 'tftp'] as const).map((protocol) => ({
      id: `approved-${protocol}`,
      owner: 'tests',
      protocol,
      destination: '127.0.3.250',
    })),
    siem: { kind: 'embedded' },
    incidentRules: [{ category: 'exfiltration', zone: 'internet' }],
  };
  change(input);
  return { ...labSchema.parse(input), resolved: true };
}
