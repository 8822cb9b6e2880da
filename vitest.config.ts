import { defineConfig } from 'vitest/config';

/** Tests that store something run on both engines; all others once, with those on SQLite. */
const STORING = ['server/test/**/*.test.ts', 'server/jobs/**/*.test.ts', 'server/store/**/*.test.ts'];
/** What is about SQLite itself, or about files beside the database. */
const SQLITE_ALONE: string[] = [];

const project = {
  // Processes, not threads: tests start servers, change directories and open databases.
  pool: 'forks' as const,
  // Generous for a busy CI machine of two cores: a timeout means that something hangs, not that it is slow.
  testTimeout: 30_000,
  hookTimeout: 30_000,
  restoreMocks: true,
  unstubEnvs: true,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A focused test would hide all the others.
    allowOnly: false,
    projects: [
      { test: { ...project, name: 'sqlite', include: ['**/*.test.ts'] } },
      {
        test: {
          ...project,
          name: 'postgres',
          include: STORING,
          exclude: SQLITE_ALONE,
          globalSetup: 'server/test/support/postgres-setup.ts',
        },
      },
    ],
  },
});
