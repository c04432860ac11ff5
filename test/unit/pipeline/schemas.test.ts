import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { schemas } from '../../../src/schemas.js';

it.each(Object.entries(schemas()))('%s is what the code says (npm run schemas)', (file, schema) => {
  expect(JSON.parse(readFileSync(resolve(file), 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});
