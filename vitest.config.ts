import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // Processes, not threads: tests start servers, change directories and open databases.
    pool: 'forks',
    maxWorkers: 2,
    // Generous for a busy CI machine of two cores: a timeout means that something hangs, not that it is slow.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A focused test would hide all the others.
    allowOnly: false,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
