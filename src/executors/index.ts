export * from './types.js';
export { parseWindowsCommandLine, windowsArgv } from './windows-argv.js';
