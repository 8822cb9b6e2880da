import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that store something run on both engines; all others once, with those on SQLite. */
const STORING = ['server/test/**/*.test.ts', 'server/jobs/**/*.test.ts', 'server/store/**/*.test.ts'];
/** What is about SQLite itself, and what one engine shows for both: pages in a browser, links in our documents. */
const SQLITE_ALONE = [
  'server/test/query-plans.test.ts',
  'server/test/{backup,disk-full}.test.ts',
  // One test drives everything in a browser on both engines: story.test.ts.
  'server/test/{demo-host,docs-page,room-accessibility,room-browser,sign-up-browser}.test.ts',
  // Programs that fill or play an organization through what the other tests try on both engines; half a minute each.
  'server/test/{seed,simulate}.test.ts',
  // Reads our Markdown, and asks servers only whether their pages are there.
  'server/test/docs-links.test.ts',
  'server/test/deploy.test.ts',
];
/** What is about PostgreSQL itself. */
const POSTGRES_ALONE = ['server/test/postgres-*.test.ts', 'server/test/standby.test.ts'];

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
      {
        test: {
          ...project,
          name: 'sqlite',
          include: ['**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...POSTGRES_ALONE],
        },
      },
      {
        test: {
          ...project,
          name: 'postgres',
          include: STORING,
          exclude: [...configDefaults.exclude, ...SQLITE_ALONE],
          globalSetup: 'server/test/support/postgres-setup.ts',
        },
      },
    ],
  },
});
