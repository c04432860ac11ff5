export { smbSink, type SmbSink } from './sink.js';
export { endLeftServer } from './left-server.js';
