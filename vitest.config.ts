import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Most tests wait for processes of their own; the default on two cores is a single worker.
    maxWorkers: 4,
  },
});
