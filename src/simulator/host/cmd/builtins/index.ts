import type { Builtin } from '../shell.js';
import { copy } from './copy.js';
import { dir } from './dir.js';
import { cd, del, mkdir, rmdir, type } from './files.js';
import { echo, exit, rem, set, ver } from './text.js';

/** cmd.exe's own commands, by the names that it knows them by. */
export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    cd,
    chdir: cd,
    copy,
    del,
    dir,
    echo,
    erase: del,
    exit,
    md: mkdir,
    mkdir,
    rd: rmdir,
    rem,
    rmdir,
    set,
    type,
    ver,
  }),
);
