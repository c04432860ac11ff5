import { defineConfig } from 'vitest/config';

const project = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 20_000, hookTimeout: 60_000, ...extra },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', { include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'] }),
      project('contract'),
      project('integration', { testTimeout: 120_000, hookTimeout: 180_000 }),
      project('e2e', { testTimeout: 180_000, hookTimeout: 180_000 }),
    ],
  },
});
