import { readW3c, w3cColumns } from '../text/w3c.js';
import { windowsFirewallFormat } from '../text/windows-firewall.js';
import type { Reader } from '../types.js';

/** pfirewall.log of the Windows firewall. */
export const windowsFirewall: Reader = {
  sniff: (sample) => {
    const columns = w3cColumns(sample);
    return ['action', 'protocol', 'src-ip', 'dst-ip'].every((name) => columns?.includes(name)) ? 1 : 0;
  },
  read: (input, store) => readW3c(input, store, windowsFirewallFormat),
};
