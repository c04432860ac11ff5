export { sshExecutor } from './executor.js';
export { fetchHostKey } from './host-key.js';
export type { SshOptions } from './options.js';
