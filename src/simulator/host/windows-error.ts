import { messageOf, systemCode } from '../../core/index.js';

/** Texts of the Win32 error codes that the simulated host answers with (Microsoft Learn, "System Error Codes"). */
const texts = {
  2: 'The system cannot find the file specified.',
  3: 'The system cannot find the path specified.',
  5: 'Access is denied.',
  53: 'The network path was not found.',
  64: 'The specified network name is no longer available.',
  67: 'The network name cannot be found.',
  80: 'The file exists.',
  86: 'The specified network password is not correct.',
  112: 'There is not enough space on the disk.',
  123: 'The filename, directory name, or volume label syntax is incorrect.',
  145: 'The directory is not empty.',
  193: '%1 is not a valid Win32 application.',
  206: 'The filename or extension is too long.',
  1272: "You can't access this shared folder because your organization's security policies block unauthenticated guest access. These policies help protect your PC from unsafe or malicious devices on the network.",
  1326: 'The user name or password is incorrect.',
  2250: 'This network connection does not exist.',
} as const;

export type Win32Code = keyof typeof texts;

/** A call of the simulated operating system failed. `note` is the control host's own reason, where there is one. */
export class WindowsError extends Error {
  readonly code: Win32Code;
  readonly note: string | undefined;

  constructor(code: Win32Code, note?: string) {
    super(texts[code]);
    this.name = 'WindowsError';
    this.code = code;
    this.note = note;
  }
}

const byErrno: Readonly<Record<string, Win32Code>> = {
  ENOENT: 2,
  ENOTDIR: 3,
  EEXIST: 80,
  ENOTEMPTY: 145,
  EACCES: 5,
  EPERM: 5,
  EISDIR: 5,
  ENOSPC: 112,
  EINVAL: 123,
  ENAMETOOLONG: 123,
};

/** The Win32 error that Windows would give for what the control host's file system said. */
export function asWindowsError(error: unknown): WindowsError {
  if (error instanceof WindowsError) return error;
  const known = byErrno[systemCode(error) ?? ''];
  // The control host's own words would show its paths; only what has no counterpart is told.
  return known === undefined ? new WindowsError(5, messageOf(error)) : new WindowsError(known);
}

/** What a program prints of an error: Windows' text, then the control host's reason. */
export function printed(error: WindowsError): string {
  return error.note === undefined ? `${error.message}\r\n` : `${error.message}\r\n${error.note}\r\n`;
}
