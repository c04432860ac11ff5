import { labSchema, loadYaml, type Lab } from '../config/index.js';
import { InputError } from '../core/index.js';

/** Reads a lab file. @throws InputError with file, line and column; where there is none, with the way to one */
export async function loadLab(file: string): Promise<Lab> {
  try {
    return await loadYaml(file, labSchema);
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'cannot-read-file') throw error;
    throw new InputError({
      code: error.code,
      message: error.message,
      where: { file },
      remedy: 'dyetrace init writes one to start from; --embedded runs without one',
      cause: error,
    });
  }
}
