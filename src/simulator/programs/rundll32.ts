import type { Program, ProgramContext } from '../host/types.js';
import { shellExecute } from './staged/shell-execute.js';
import { isTracerDll, tracerDllUpload } from './staged/tracer-dll.js';

/** `file,Entry arguments`: rundll32 reads its command line itself; quotes may stand around the file. */
function taken(tail: string): { readonly dll: string; readonly entry: string; readonly rest: string } {
  const [, quoted, bare, entry = '', rest = ''] =
    /^(?:"([^"]+)"|([^\s,"]+))[\s,]+([^\s,]+)\s*(.*)$/s.exec(tail.trim()) ?? [];
  return { dll: quoted ?? bare ?? '', entry, rest };
}

async function call(context: ProgramContext): Promise<void> {
  const { dll, entry, rest } = taken(context.tail);
  if (/^(?:.*\\)?shell32(?:\.dll)?$/i.test(dll) && /^ShellExec_RunDLL[AW]?$/i.test(entry)) {
    await shellExecute(context, rest);
    return;
  }
  const { machine, process } = context;
  const path = machine.disk.resolve(dll, process.currentDirectory);
  // Rundll32 looks for UploadW, UploadA, Upload; naming UploadW makes it look for UploadWW, and crash.
  if (entry === 'Upload' && (await isTracerDll(machine, path))) await tracerDllUpload(context, rest);
}

/** rundll32.exe ends with 0 whatever happened: what it could not load or call it tells in a message box that nobody sees. */
export const rundll32: Program = {
  file: 'rundll32.exe',
  originalFileName: 'RUNDLL32.EXE',
  async run(context) {
    try {
      await call(context);
    } catch {
      return 0;
    }
    return 0;
  },
};
