export * from './types.js';
export { parseWindowsCommandLine, windowsArgv } from './windows-argv.js';
export { renderCommand, type CommandStep } from './quoting.js';
export { endProcessesScript } from './platform.js';
export { createExecutor, executorKinds, type ExecutorFactory, type ExecutorTools } from './registry.js';
export { fetchHostKey, sshExecutor, type SshOptions } from './ssh/index.js';
