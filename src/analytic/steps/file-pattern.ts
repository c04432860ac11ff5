import { literal } from '../sql.js';

/** FilenamePattern: any of the regular expressions (RE2, case-insensitive) on a file name. */
export function filePattern(patterns: readonly string[], name: string): string {
  if (patterns.length === 0) return 'false';
  return `(${patterns.map((pattern) => `regexp_matches(${name}, ${literal(pattern)}, 'i')`).join(' or ')})`;
}
