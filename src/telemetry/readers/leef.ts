import { syslogReader } from '../text/products.js';
import { leefFormat } from '../text/leef.js';

/** Events of firewalls and gateways in QRadar's Log Event Extended Format. */
export const leef = syslogReader(leefFormat);
