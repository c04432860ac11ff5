/** `\\server\share\folder\file`, in parts. */
export interface Unc {
  readonly server: string;
  readonly share: string;
  /** Below the share, `''` for the share itself. */
  readonly path: string;
}

/** @returns null for what is no UNC path with a server and a share */
export function parseUnc(text: string): Unc | null {
  const [, server, share, path] =
    /^\\\\([^\\]+)\\([^\\]+)(?:\\(.*))?$/.exec(text.replaceAll('/', '\\')) ?? [];
  if (server === undefined || share === undefined) return null;
  return { server, share, path: (path ?? '').replace(/\\+$/, '') };
}

/** `\\server\share` */
export function shareOf(unc: Unc): string {
  return `\\\\${unc.server}\\${unc.share}`;
}
