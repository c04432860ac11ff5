import { defineConfig } from 'vitest/config';

const project = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 20_000, hookTimeout: 60_000, ...extra },
});

/**
 * Tests with real servers are tried once more in CI, where whatever else the machine does may take a second that a deadline needs. The
 * summary names each that needed it: a race is to be mended, not lived with.
 */
const retry = process.env['CI'] === undefined ? 0 : 1;

export default defineConfig({
  test: {
    projects: [
      project('unit', { include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'] }),
      project('contract'),
      project('integration', { retry, testTimeout: 120_000, hookTimeout: 180_000 }),
      project('e2e', { retry, testTimeout: 180_000, hookTimeout: 180_000 }),
    ],
  },
});
