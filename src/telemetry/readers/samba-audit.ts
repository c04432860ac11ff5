import { syslogReader } from '../text/products.js';
import { sambaAuditFormat } from '../text/samba-audit.js';

/** Samba's vfs_full_audit, by syslog. */
export const sambaAudit = syslogReader(sambaAuditFormat);
