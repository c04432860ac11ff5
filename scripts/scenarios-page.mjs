// Writes docs/scenarios.md from the scenario files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { libraryPage, loadScenarios } from '../dist/index.js';
import { root } from './setup.mjs';

writeFileSync(join(root, 'docs', 'scenarios.md'), libraryPage(await loadScenarios()));
