export { draftFile, draftOf, type Draft, type ImportedLine } from './draft.js';
export { foreignProcedures, type ForeignProcedure } from './source.js';
