import type { PlannedExecution } from '../runner/index.js';
import type { ProcessRow } from './rows.js';

/** File name of a Windows or device path, in lower case. */
export function baseName(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? path).toLowerCase();
}

/** The names by which a process counts as an image: OriginalFileName as well, since binaries are renamed (trap 6). */
export function imagesOf(row: Pick<ProcessRow, 'executable' | 'name' | 'originalFileName'>): string[] {
  return [row.executable, row.name, row.originalFileName].flatMap((name) =>
    name === null ? [] : [baseName(name)],
  );
}

/** Image of the initiator; a control whose process the filter does not name starts the socket's owner itself. */
export function initiatorImage(planned: PlannedExecution): string {
  return planned.initiator === 'other'
    ? planned.expected.socketOwner.toLowerCase()
    : `${planned.initiator}.exe`;
}

/** The runner's own shell, the child of sshd.exe: its command line holds the execution id too, and it is never an initiator. */
export function isSessionShell(
  row: Pick<ProcessRow, 'parentExecutable'>,
  sessionParents: readonly string[],
): boolean {
  const parent = row.parentExecutable === null ? null : baseName(row.parentExecutable);
  return parent !== null && sessionParents.some((name) => name.toLowerCase() === parent);
}
