export type Fields = Readonly<Record<string, unknown>>;

/** What a Winlogbeat module makes of an event. */
export interface ModuleFields {
  /** Replaces the time of logging as `@timestamp`, where the module does so. */
  readonly timestamp?: string;
  readonly event: Fields;
  readonly fields: Fields;
  /** What is left of event_data. */
  readonly eventData: Fields;
  /** Further fields below `winlog`. */
  readonly winlog?: Fields;
}

/** The file name of a Windows path; none where it has no folder (`System`). */
export function imageName(path: string): string | undefined {
  const index = path.lastIndexOf('\\');
  return index === -1 ? undefined : path.slice(index + 1);
}

export function fileFields(path: string): Fields {
  const name = imageName(path);
  if (name === undefined) return { path };
  const dot = path.lastIndexOf('.');
  return {
    path,
    name,
    directory: path.slice(0, path.lastIndexOf('\\')),
    ...(dot === -1 ? {} : { extension: path.slice(dot + 1) }),
  };
}

/**
 * Splits a command line by the rules of the C runtime (backslashes count only before a quote).
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
export function argumentsOf(commandLine: string): string[] {
  const args: string[] = [];
  let current: string | null = null;
  let quoted = false;
  const piece = /(?<slashes>\\*)"|(?<blank>[ \t]+)|(?<text>\\+|[^\\" \t]+)/g;
  for (const { groups = {}, 0: whole } of commandLine.matchAll(piece)) {
    if (groups['blank'] !== undefined) {
      if (quoted) current = (current ?? '') + groups['blank'];
      else if (current !== null) {
        args.push(current);
        current = null;
      }
    } else if (groups['slashes'] !== undefined) {
      const count = groups['slashes'].length;
      current = (current ?? '') + '\\'.repeat(Math.floor(count / 2));
      if (count % 2 === 1) current += '"';
      else quoted = !quoted;
    } else {
      current = (current ?? '') + whole;
    }
  }
  if (current !== null) args.push(current);
  return args;
}
