import { syslogReader } from '../text/products.js';
import { cefFormat } from '../text/cef.js';

/** Events of firewalls and gateways in ArcSight's Common Event Format. */
export const cef = syslogReader(cefFormat);
