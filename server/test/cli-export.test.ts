import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Completion } from '@rollcall/contract/completions.ts';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cli, createCli } from './support/cli.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { addCompletions, type CompletionSettings, completionRecord } from './support/facts.ts';
import { readCompletions } from './support/learning.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** A record that can be written again with other facts. */
function participant(name = 'M') {
  const fixed = { id: randomUUID(), registrationId: randomUUID(), clusterId: randomUUID() };
  const module = { id: randomUUID(), name, category: 'C', thumbnailUrl: null, description: '', duration: 60 };
  return { id: fixed.id, record: (more: CompletionSettings = {}) => completionRecord({ module, ...fixed, ...more }) };
}

const EXPORT = ['completions', 'export'];

/** Ids in a file of NDJSON. */
async function idsIn(cli: Cli, file: string): Promise<string[]> {
  const lines = (await cli.read(file)).split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as Completion).id).sort();
}

describe('rollcall completions export', () => {
  test('writes the same records as CSV, NDJSON and JSON, to a file or to stdout', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    await addCompletions(server, acme, [participant().record(), participant('=1+1"\n').record()]);
    const records = await readCompletions(acme);
    const csv = await cli.run(EXPORT);
    expect([csv.code, csv.stderr]).toEqual([0, '2 records.\n']);
    const rows = parse<Record<string, string>>(csv.stdout, { columns: true });
    expect(rows.map(({ id }) => id)).toEqual(records.map(({ id }) => id));
    expect(rows.map((row) => row.moduleName).sort()).toEqual(['\'=1+1"\n', 'M']);
    expect((await cli.run([...EXPORT, '--format', 'ndjson', '--out', 'a.ndjson', '--quiet'])).stderr).toBe('');
    expect(await idsIn(cli, 'a.ndjson')).toEqual(records.map(({ id }) => id).sort());
    const json = await cli.run([...EXPORT, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toEqual(records);
    expect(await cli.json(...EXPORT, '--out', 'b.csv')).toMatchObject({ out: 'b.csv', records: 2 });
    expect(await cli.read('b.csv')).toBe(csv.stdout);
  });

  test('filters, and hands the faults of filters on', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    await addCompletions(server, acme, [participant().record()]);
    expect((await cli.run([...EXPORT, '--to', '1999-01-01T00:00:00Z', '--format', 'json'])).stdout).toBe('[\n]\n');
    const wrong = await cli.run([...EXPORT, '--from', '2026-02-30T00:00:00Z', '--out', 'a.csv']);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('has no such day as 30')]);
    expect(await readdir(cli.directory)).not.toContain('a.csv');
  });

  test('--since-last fetches each change once, also when a run between them failed', async () => {
    const acme = await server.createOrganization();
    await using proxy = await startCuttingProxy(server);
    await using cli = await createCli(proxy, acme.key);
    const since = [...EXPORT, '--since-last', '--format', 'ndjson', '--out', 'changes.ndjson', '--retries', '0'];
    const [ann, bob, cleo] = [participant(), participant(), participant()] as const;
    await addCompletions(server, acme, [ann.record(), bob.record()]);
    expect((await cli.run(since)).code).toBe(0);
    expect(await idsIn(cli, 'changes.ndjson')).toEqual([ann.id, bob.id].sort());

    await addCompletions(server, acme, [ann.record({ totalSteps: 11 }), bob.record(), cleo.record()]);
    proxy.cutAfter(600, 'down');
    const broken = await cli.run(since);
    expect([broken.code, proxy.isCut]).toEqual([1, true]);
    expect(await idsIn(cli, 'changes.ndjson')).toEqual([ann.id, bob.id].sort());
    proxy.heal();
    expect((await cli.run(since)).code).toBe(0);
    expect(await idsIn(cli, 'changes.ndjson')).toEqual([ann.id, cleo.id].sort());
    expect((await cli.run(since)).code).toBe(0);
    expect(await idsIn(cli, 'changes.ndjson')).toEqual([]);
    expect((await readdir(cli.directory)).filter((name) => name.endsWith('.part'))).toEqual([]);

    expect((await cli.run([...since, '--again'])).code).toBe(0);
    expect(await idsIn(cli, 'changes.ndjson')).toHaveLength(3);
  });

  test('the cursor moves only once the file is in its place', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    const ann = participant();
    await addCompletions(server, acme, [ann.record()]);
    const since = [...EXPORT, '--since-last', '--format', 'ndjson', '--out'];
    expect((await cli.run([...since, 'nowhere/changes.ndjson'])).code).toBe(1);
    expect((await cli.run([...since, 'changes.ndjson'])).code).toBe(0);
    expect(await idsIn(cli, 'changes.ndjson')).toEqual([ann.id]);
  });

  test('cursors are kept by name; one goes on with the same question only, and with the same organization', async () => {
    const [acme, beta] = [await server.createOrganization(), await server.createOrganization()];
    await using cli = await createCli(server, acme.key);
    await addCompletions(server, acme, [participant().record()]);
    const since = [...EXPORT, '--since-last', '--format', 'ndjson'];
    expect((await cli.run(since)).stdout).not.toBe('');
    expect((await cli.run([...since, '--cursor', 'lms'])).stdout).not.toBe('');
    expect((await cli.run([...since, '--cursor', 'lms'])).stdout).toBe('');
    const other = await cli.run([...since, '--from', '2020-01-01T00:00:00Z']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('goes on with an export of all records')]);
    const foreign = await cli.run(since, { environment: { ROLLCALL_KEY: beta.key } });
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('it is of another organization')]);
  });
});
