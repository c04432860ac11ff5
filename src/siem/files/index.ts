import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { legs } from '../../config/index.js';
import { LabError, rfc3339 } from '../../core/index.js';
import type { Siem, SourceAnswer, TimeWindow } from '../types.js';

/**
 * A folder of records that somebody exported from the SIEM: for a product that has no adapter, or an account that may not
 * query. Everything in it is taken, alerts included; whoever exports decides on the window.
 * @throws LabError from `probe` where the folder cannot be read
 */
export function filesSiem(folder: string): Siem {
  const check = async () => {
    if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) return;
    throw new LabError({
      code: 'no-export-folder',
      message: `the folder of exported records does not exist: ${folder}`,
      remedy: 'export the records of the run into it, or name another under siem.folder',
    });
  };
  const answer = (source: string, window: TimeWindow, records: number): SourceAnswer => ({
    source,
    legs,
    records,
    error: null,
    query: `the files of ${folder}, exported for ${rfc3339(window.from)} until ${rfc3339(window.until)}`,
  });
  return {
    probe: async () => {
      await check();
      return { product: 'exported files', version: folder };
    },
    telemetry: async ({ window }, directory) => {
      await check();
      const target = join(directory, 'files');
      await mkdir(target, { recursive: true });
      await cp(folder, target, { recursive: true });
      return [answer('files', window, (await readdir(target, { recursive: true })).length)];
    },
    // Alerts lie among the files, and the readers tell them from telemetry.
    alerts: async (window) => {
      await check();
      return answer('files', window, 0);
    },
    rules: () => Promise.resolve(null),
    capabilities: () => ({ legs, alerts: true, rules: false }),
    close: () => Promise.resolve(),
  };
}
