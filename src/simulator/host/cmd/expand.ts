/** Looks a variable up; undefined where there is none. */
export type Lookup = (name: string) => string | undefined;

/** `%name:~start,length%` and `%name:old=new%` (`set /?`). */
function modified(value: string, modifier: string | undefined): string {
  if (modifier === undefined) return value;
  const [, start, length] = /^~(-?\d+)(?:,(-?\d+))?$/.exec(modifier) ?? [];
  if (start !== undefined) {
    const from = Number(start) < 0 ? Math.max(0, value.length + Number(start)) : Number(start);
    if (length === undefined) return value.slice(from);
    return Number(length) < 0 ? value.slice(from, Number(length)) : value.slice(from, from + Number(length));
  }
  const equals = modifier.indexOf('=');
  if (equals < 1) return value;
  const old = modifier.slice(0, equals).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return value.replaceAll(new RegExp(old, 'gi'), () => modifier.slice(equals + 1));
}

/** Expands %variables% as on a command line: what is not defined stays as it stands (in a batch file it would go). */
export function expandVariables(line: string, lookup: Lookup): string {
  let expanded = '';
  for (let at = 0; at < line.length; ) {
    const [whole, name = '', modifier] = /^%([^%:]+)(?::([^%]*))?%/.exec(line.slice(at)) ?? [];
    const value = whole === undefined ? undefined : lookup(name);
    if (whole === undefined || value === undefined) {
      expanded += line.charAt(at);
      at += 1;
    } else {
      expanded += modified(value, modifier);
      at += whole.length;
    }
  }
  return expanded;
}
