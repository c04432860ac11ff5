import { copyBetween } from '../../host/cmd/builtins/copy.js';
import { placeOf } from '../../host/files.js';
import { mandatory, pauseParameter, type StagedScript } from './script-types.js';
import { pauseBefore, tracersOf } from './tracer-file.js';

/** Copy-TracerSmb.ps1: Copy-Item to a UNC path. */
export const copyTracerSmb: StagedScript<'Path' | 'Destination' | 'PauseMilliseconds'> = {
  parameters: { Path: mandatory, Destination: mandatory, PauseMilliseconds: pauseParameter },
  async run(context, { Path, Destination, PauseMilliseconds }) {
    const { machine, process } = context;
    const tracers = await tracersOf(context, Path);
    const isFolder = Destination.endsWith('\\');
    if (tracers.length > 1 && !isFolder)
      throw new Error('several tracers need a folder: a Destination that ends with a backslash');
    for (const [index, { path, name, size }] of tracers.entries()) {
      await pauseBefore(context, index, PauseMilliseconds);
      const target = isFolder ? `${Destination}${name}` : Destination;
      context.invoked('Copy-Item', {
        LiteralPath: tracers.length === 1 ? Path : path,
        Destination: target,
      });
      await copyBetween(context, { kind: 'disk', path }, placeOf(machine, target, process.currentDirectory));
      context.moved(size);
    }
  },
};
