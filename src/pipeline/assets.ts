import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemCode } from '../core/index.js';
import { loadScripts } from '../scenario/index.js';

/** What is staged beside tracers. */
export interface Assets {
  readonly scripts: ReadonlyMap<string, Buffer>;
  readonly dll: Buffer;
  /** False where the DLL has not been built: then a stand-in that says so is staged, which only a simulated host takes. */
  readonly dllBuilt: boolean;
}

const dllFile = fileURLToPath(new URL('../../native/tracer-dll/build/tracer.dll', import.meta.url));

const standIn = Buffer.from(
  'Dyetrace tracer DLL stand-in\r\nThe DLL has not been built on this machine (npm run build:dll). Only a simulated host accepts this file.\r\n',
);

export async function loadAssets(): Promise<Assets> {
  const scripts = await loadScripts();
  try {
    return { scripts, dll: await readFile(dllFile), dllBuilt: true };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return { scripts, dll: standIn, dllBuilt: false };
  }
}
