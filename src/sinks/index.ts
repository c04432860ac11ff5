export * from './types.js';
export { sinkFactories } from './registry.js';
export { certificatePins, labCertificate, type LabCertificate } from './ftp/certificate.js';
export { endLeftServer } from './smb/index.js';
