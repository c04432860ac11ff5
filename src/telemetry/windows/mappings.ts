import { defenderMappings } from './defender.js';
import { powershellMappings } from './powershell.js';
import { securityMappings } from './security.js';
import { smbclientMappings } from './smbclient.js';
import { sysmonMappings } from './sysmon.js';

/** What Windows' own channels tell, whatever brought the records here. */
export const windowsMappings = [
  ...sysmonMappings,
  ...securityMappings,
  ...powershellMappings,
  ...defenderMappings,
  ...smbclientMappings,
];
