// Writes the JSON Schemas that editors and other programs use. They are generated from the zod schemas and committed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemas } from '../dist/schemas.js';
import { root } from './setup.mjs';

for (const [file, schema] of Object.entries(schemas())) {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), `${JSON.stringify(schema, null, 2)}\n`);
}
