export * from './types.js';
export { parseWindowsCommandLine, windowsArgv } from './windows-argv.js';
export { renderCommand, type CommandStep } from './quoting.js';
