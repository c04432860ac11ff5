import { copyBetween } from '../../host/cmd/builtins/copy.js';
import { placeOf } from '../../host/files.js';
import { mandatory, pauseParameter, type ScriptContext, type StagedScript } from './script-types.js';
import { pauseBefore, tracersOf } from './tracer-file.js';

/** The destination that a settings file names. @throws where it is no JSON, or has none */
async function destinationOf(context: ScriptContext, settings: string): Promise<string> {
  const { machine, process } = context;
  const content = await machine.disk.readWhole(machine.disk.resolve(settings, process.currentDirectory));
  const text = content.toString('utf8');
  context.invoked('Get-Content', { LiteralPath: settings, Raw: 'True', Encoding: 'UTF8' });
  context.invoked('ConvertFrom-Json', { InputObject: text });
  const value = JSON.parse(text) as unknown;
  if (typeof value === 'object' && value !== null && 'destination' in value)
    if (typeof value.destination === 'string') return value.destination;
  throw new Error("The property 'destination' cannot be found on this object.");
}

/** Write-TracerSmb.ps1: System.IO.FileStream on a UNC path. The redirector gathers what is written: chunks do not show on the wire. */
export const writeTracerSmb: StagedScript<
  'Path' | 'Destination' | 'Settings' | 'ChunkBytes' | 'PauseMilliseconds'
> = {
  parameters: {
    Path: mandatory,
    Destination: { fallback: '' },
    Settings: { fallback: '' },
    ChunkBytes: { fallback: '65536', valid: /^[1-9]\d{0,7}$/ },
    PauseMilliseconds: pauseParameter,
  },
  async run(context, { Path, Destination, Settings, PauseMilliseconds }) {
    const { machine, process } = context;
    const tracers = await tracersOf(context, Path);
    if ((Destination === '') === (Settings === ''))
      throw new Error('either -Destination or -Settings is needed');
    const destination = Settings === '' ? Destination : await destinationOf(context, Settings);
    const isFolder = destination.endsWith('\\');
    if (tracers.length > 1 && !isFolder)
      throw new Error('several tracers need a folder: a destination that ends with a backslash');
    for (const [index, { path, name, size }] of tracers.entries()) {
      await pauseBefore(context, index, PauseMilliseconds);
      const target = isFolder ? `${destination}${name}` : destination;
      await copyBetween(context, { kind: 'disk', path }, placeOf(machine, target, process.currentDirectory));
      context.moved(size);
    }
  },
};
