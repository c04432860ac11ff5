import { z } from 'zod';
import { approvedTransferSchema, loadYaml, type ApprovedTransfer } from '../../config/index.js';

/** A file of documented transfers: a list, or a list under `approvedTransfers` as in lab.yaml. */
export const approvalsSchema = z.union([
  z.array(approvedTransferSchema),
  z.strictObject({ approvedTransfers: z.array(approvedTransferSchema) }),
]);

/** @throws InputError with file, line and column */
export async function loadApprovals(file: string): Promise<readonly ApprovedTransfer[]> {
  const content = await loadYaml(file, approvalsSchema);
  return 'approvedTransfers' in content ? content.approvedTransfers : content;
}
