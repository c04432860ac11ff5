export * from './types.js';
export { kindOf } from './kind.js';
export { convertRange } from './convert.js';
export { eventsAt } from './find.js';
export { convertFile } from './threads.js';
export { streamBytes, Window, type Bytes } from './window.js';
export { fileHeaderSize, fileMagic } from './scan.js';
