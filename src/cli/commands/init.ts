import { writeFile } from 'node:fs/promises';
import { labTemplate } from '../../config/index.js';
import { InputError, messageOf, systemCode } from '../../core/index.js';
import type { CommandDeclaration } from '../context.js';

export const initCommand: CommandDeclaration = (program, { terminal }) => {
  program
    .command('init')
    .description('write a commented lab.yaml to start from')
    .argument('[file]', 'where to write it', 'lab.yaml')
    .action(async (file: string) => {
      try {
        await writeFile(file, labTemplate(), { flag: 'wx' });
      } catch (error) {
        const exists = systemCode(error) === 'EEXIST';
        throw new InputError({
          code: 'cannot-write-file',
          message: `${file}: ${exists ? 'is there already' : messageOf(error)}`,
          where: { file },
          ...(exists ? { remedy: 'name another file, or move this one away: nothing is overwritten' } : {}),
        });
      }
      terminal.out(`${file} written. Fill in hosts, sinks and scope, then: dyetrace doctor --lab ${file}`);
    });
};
