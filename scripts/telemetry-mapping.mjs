// Writes docs/telemetry-mapping.md from the mapping tables. It is committed, and a test checks that it is current.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { telemetryMapping } from '../dist/telemetry/mapping-doc/render.js';
import { root } from './setup.mjs';

writeFileSync(join(root, 'docs', 'telemetry-mapping.md'), telemetryMapping());
