export { sshExecutor } from './executor.js';
export { fetchHostKey, fingerprintOf } from './host-key.js';
export type { SshOptions } from './options.js';
