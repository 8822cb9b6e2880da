import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('import-rules.js', import.meta.url));

/** A house in order: every room, each importing what it may. */
const IN_ORDER = {
  'package.json': '{ "type": "module", "devDependencies": { "helper": "1.0.0" } }',
  'node_modules/helper/package.json': '{ "name": "helper", "version": "1.0.0", "type": "module", "main": "index.js" }',
  'node_modules/helper/index.js': 'export const help = 1;',
  'contract/users.ts': "import './shapes.ts'; export type User = string;",
  'contract/shapes.ts': 'export const shape = 1;',
  'server/domain/rule.ts': "import 'node:crypto'; import '../../contract/users.ts';",
  'server/store/users.ts': "import 'node:sqlite'; import '../domain/rule.ts';",
  'server/actions/upsert.ts': "import '../store/users.ts';",
  'server/http/routes.ts': "import 'node:http'; import '../actions/upsert.ts';",
  'server/scim/routes.ts': "import '../actions/upsert.ts';",
  'server/demo/people.ts': "import '../actions/upsert.ts';",
  'server/config.ts': "import '../contract/shapes.ts';",
  'server/app.ts': "import './config.ts'; import './http/routes.ts'; import './scim/routes.ts';",
  'server/commands/serve.ts': "import '../app.ts'; import '../demo/people.ts';",
  'server/main.ts': "import './commands/serve.ts';",
  'server/test/helper.ts': "import 'helper'; import '../app.ts'; import '../http/routes.ts';",
  'server/domain/rule.test.ts': "import 'helper'; import './rule.ts'; import '../store/users.ts';",
  'client/index.ts': "import './src/types.ts';",
  'client/src/types.ts': 'export type User = string;',
  'client/write-types.ts': "import 'node:fs'; import '../contract/users.ts';",
  'cli/main.ts': "import '../client/index.ts';",
  'bench/main.ts': "import 'node:sqlite'; import '../client/index.ts';",
  'scripts/start.js': "import 'node:fs'; import './setup.js';",
  'scripts/setup.js': "import 'node:path';",
};

/** One offence for each rule: the rule, the file that offends, what it imports. */
const OFFENCES: [rule: string, file: string, source: string][] = [
  ['contract-stands-alone', 'contract/reads.ts', "import 'node:fs';"],
  ['domain-is-pure', 'server/domain/reads.ts', "import 'node:fs';"],
  ['domain-is-pure', 'server/domain/asks.ts', "import '../store/users.ts';"],
  ['store-knows-rows-and-rules', 'server/store/acts.ts', "import '../actions/upsert.ts';"],
  ['sql-only-in-store', 'server/http/queries.ts', "import type { Kysely } from 'kysely';"],
  ['sql-only-in-store', 'server/actions/queries.ts', "import { DatabaseSync } from 'node:sqlite';"],
  ['sql-only-in-store', 'server/commands/queries.ts', "import pg from 'pg';"],
  ['actions-know-no-door', 'server/actions/answers.ts', "import '../http/routes.ts';"],
  ['doors-keep-apart', 'server/http/borrows.ts', "import '../scim/routes.ts';"],
  ['demo-acts-like-a-user', 'server/demo/answers.ts', "import '../http/routes.ts';"],
  ['commands-use-the-parts', 'server/commands/answers.ts', "import '../http/routes.ts';"],
  ['main-is-thin', 'server/main.ts', "import './store/users.ts';"],
  ['app-serves-no-command', 'server/app.ts', "import './demo/people.ts';"],
  ['metrics-stand-alone', 'server/metrics.ts', "import './http/routes.ts';"],
  ['config-stands-alone', 'server/config.ts', "import './store/users.ts';"],
  ['parts-are-put-together-once', 'server/http/configures.ts', "import type { Config } from '../config.ts';"],
  ['main-is-not-imported', 'server/commands/starts.ts', "import '../main.ts';"],
  ['client-needs-the-contract-only', 'client/reads.ts', "import '../server/domain/rule.ts';"],
  ['client-is-published-by-itself', 'client/src/asks.ts', "import '../../contract/users.ts';"],
  ['outsiders-use-the-client', 'bench/reads.ts', "import '../server/store/users.ts';"],
  ['server-needs-no-outsider', 'server/actions/calls.ts', "import '../../client/index.ts';"],
  ['scripts-need-nothing-installed', 'scripts/helps.js', "import 'helper';"],
  ['no-test-in-production', 'server/actions/tests.ts', "import '../test/helper.ts';"],
  ['no-test-in-production', 'server/actions/checks.ts', "import '../domain/rule.test.ts';"],
  ['no-development-package-in-production', 'server/actions/helps.ts', "import { help } from 'helper';"],
  ['no-cycle', 'contract/shapes.ts', "import type { User } from './users.ts';"],
  ['no-orphan', 'server/domain/alone.ts', 'export const alone = 1;'],
  ['no-index', 'server/actions/shows.ts', "import './index.ts';"],
  ['no-missing-file', 'server/actions/misses.ts', "import './nowhere.ts';"],
];

async function checkTree(files: Record<string, string>): Promise<{ code: number; output: string }> {
  const tree = await mkdtemp(join(tmpdir(), 'rollcall-imports-'));
  try {
    for (const [path, source] of Object.entries(files)) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), source);
    }
    return await new Promise((resolve) => {
      execFile(process.execPath, [SCRIPT, tree], (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      });
    });
  } finally {
    await rm(tree, { recursive: true });
  }
}

test('a house where every room imports what it may passes', async () => {
  expect(await checkTree(IN_ORDER)).toEqual({ code: 0, output: '27 modules, 32 imports, 0 against a rule\n' });
});

test('every wall of the house stops an import and says why', async () => {
  const offences = Object.fromEntries(OFFENCES.map(([, file, source]) => [file, source]));
  const { code, output } = await checkTree({ ...IN_ORDER, 'server/actions/index.ts': 'export {};', ...offences });
  const found = [...output.matchAll(/^(\S+).*\n {2}(\S+): .{30}/gm)].map(([, file, rule]) => `${rule} ${file}`);
  expect(found).toEqual(expect.arrayContaining(OFFENCES.map(([rule, file]) => `${rule} ${file}`)));
  expect(code).toBe(1);
});

test('a check that read no TypeScript fails instead of finding nothing wrong', async () => {
  const { code, output } = await checkTree({ 'scripts/start.js': "import 'node:fs';" });
  expect(output).toContain('the rules have checked nothing');
  expect(code).toBe(1);
});
