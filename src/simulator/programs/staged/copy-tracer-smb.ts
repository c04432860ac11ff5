import { copyBetween } from '../../host/cmd/builtins/copy.js';
import { placeOf } from '../../host/files.js';
import { NotATracer, type StagedScript } from './script-types.js';
import { isTracer } from './tracer-file.js';

/** Copy-TracerSmb.ps1: Copy-Item to a UNC path. */
export const copyTracerSmb: StagedScript<'Path' | 'Destination'> = {
  parameters: ['Path', 'Destination'],
  async run(context, { Path, Destination }) {
    const { machine, process } = context;
    const path = machine.disk.resolve(Path, process.currentDirectory);
    if (!(await isTracer(machine, path))) throw new NotATracer(`${Path} is no Dyetrace tracer: refused`);
    context.invoked('Copy-Item', { LiteralPath: Path, Destination });
    await copyBetween(
      context,
      { kind: 'disk', path },
      placeOf(machine, Destination, process.currentDirectory),
    );
    return (await machine.disk.find(path))?.size ?? 0;
  },
};
