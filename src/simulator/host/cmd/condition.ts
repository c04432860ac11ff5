import { CmdSyntaxError, type Scanner } from './scanner.js';

/** The conditions of `if /?` that are understood. */
export type Condition = { readonly not: boolean } & (
  | { readonly test: 'exist'; readonly path: string }
  | { readonly test: 'defined'; readonly name: string }
  | { readonly test: 'errorlevel'; readonly level: number }
  | { readonly test: 'equal'; readonly left: string; readonly right: string; readonly ignoreCase: boolean }
);

function unquoted(text: string): string {
  return text.replaceAll('"', '');
}

export function readCondition(scanner: Scanner): Condition {
  const ignoreCase = scanner.takeWord('/i');
  const not = scanner.takeWord('not');
  if (scanner.takeWord('exist')) return { not, test: 'exist', path: unquoted(scanner.word()) };
  if (scanner.takeWord('defined')) return { not, test: 'defined', name: scanner.word() };
  if (scanner.takeWord('errorlevel')) return { not, test: 'errorlevel', level: Number(scanner.word()) };
  const left = scanner.word();
  if (!scanner.takeEquals() && !scanner.takeWord('equ')) throw new CmdSyntaxError(scanner.rest());
  return { not, test: 'equal', left, right: scanner.word(), ignoreCase };
}
