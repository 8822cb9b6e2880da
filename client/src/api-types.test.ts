import { readFile } from 'node:fs/promises';
import type * as completions from '@rollcall/contract/completions.ts';
import type * as shapes from '@rollcall/contract/shapes.ts';
import type * as runs from '@rollcall/contract/sync-run-shapes.ts';
import type * as users from '@rollcall/contract/users.ts';
import { expect, expectTypeOf, test } from 'vitest';
import { contractTypes } from '../contract-types.ts';
import type * as api from './api-types.ts';
import { VERSION } from './version.ts';

test('src/api-types.ts is what the contract gives (npm run openapi writes it anew)', async () => {
  expect(await readFile(new URL('api-types.ts', import.meta.url), 'utf8')).toBe(contractTypes());
});

test('the types of the client are those of the contract', () => {
  expectTypeOf<api.User>().toEqualTypeOf<users.User>();
  expectTypeOf<api.UserTemplate>().toEqualTypeOf<users.UserTemplate>();
  expectTypeOf<api.UserRef>().toEqualTypeOf<users.UserRef>();
  expectTypeOf<api.UserPage>().toEqualTypeOf<users.UserPage>();
  expectTypeOf<api.BatchResult>().toEqualTypeOf<users.BatchResult>();
  expectTypeOf<api.Completion>().toEqualTypeOf<completions.Completion>();
  expectTypeOf<api.SyncRun>().toEqualTypeOf<runs.SyncRun>();
  expectTypeOf<api.SyncItem>().toEqualTypeOf<runs.SyncItem>();
  expectTypeOf<api.SyncCommit>().toEqualTypeOf<runs.SyncCommit>();
  expectTypeOf<api.Issue>().toEqualTypeOf<shapes.Issue>();
});

test('the version that the client tells servers is that of its package', async () => {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(manifest.version);
});
