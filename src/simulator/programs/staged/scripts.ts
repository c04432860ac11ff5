import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { copyTracerSmb } from './copy-tracer-smb.js';
import { invokeTracerClient } from './invoke-tracer-client.js';
import { receiveTracerFtp } from './receive-tracer-ftp.js';
import type { StagedScript } from './script-types.js';
import { sendTracerFtp } from './send-tracer-ftp.js';
import { sendTracerFtpRequest } from './send-tracer-ftp-request.js';
import { sendTracerTftp } from './send-tracer-tftp.js';
import { writeTracerSmb } from './write-tracer-smb.js';

/** The scripts of the scenario library that this host can perform, by file name. */
export const scripts: Readonly<Record<string, StagedScript>> = {
  'Copy-TracerSmb.ps1': copyTracerSmb,
  'Invoke-TracerClient.ps1': invokeTracerClient,
  'Receive-TracerFtp.ps1': receiveTracerFtp,
  'Send-TracerFtp.ps1': sendTracerFtp,
  'Send-TracerFtpRequest.ps1': sendTracerFtpRequest,
  'Send-TracerTftp.ps1': sendTracerTftp,
  'Write-TracerSmb.ps1': writeTracerSmb,
};

/** Where they lie, from `src/` as from `dist/`. */
export const scriptsFolder = new URL('../../../../scenarios/scripts/', import.meta.url);

function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

const byDigest: ReadonlyMap<string, StagedScript> = new Map(
  readdirSync(scriptsFolder).flatMap((name) => {
    const script = scripts[name];
    return script === undefined
      ? []
      : [[digest(readFileSync(new URL(name, scriptsFolder))), script] as const];
  }),
);

/** The script that a file is, by its content alone: a staged script has another name (decisions.md, 9). */
export function knownScript(content: Buffer): StagedScript | undefined {
  return byDigest.get(digest(content));
}
