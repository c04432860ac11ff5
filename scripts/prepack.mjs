// Before packing: a fresh build and the tracer DLL, which the package ships and the repository does not hold.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './setup.mjs';

rmSync(join(root, 'dist'), { recursive: true, force: true });
run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.json']);
run(process.execPath, [join(root, 'scripts', 'build-dll.mjs')]);
