/** curl's own lists in `-T` and URLs: `{a,b}.dat` is `a.dat` and `b.dat`. What is no list stays as it is. */
export function expandBraces(text: string): string[] {
  const [, before = '', list, after = ''] = /^([^{]*)\{([^{}]*)\}(.*)$/s.exec(text) ?? [];
  if (list === undefined) return [text];
  return list.split(',').flatMap((one) => expandBraces(after).map((rest) => before + one + rest));
}
