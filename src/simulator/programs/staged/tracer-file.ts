import { maxHeaderBytes, recogniseTracer } from '../../../tracer/index.js';
import type { Machine } from '../../host/types.js';

/** Whether a file on the virtual disk is a tracer: the only thing that scripts and the tracer DLL move. @throws WindowsError */
export async function isTracer(machine: Machine, path: string): Promise<boolean> {
  return recogniseTracer(await machine.disk.readHead(path, maxHeaderBytes)) !== null;
}
