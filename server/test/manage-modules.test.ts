import { randomUUID } from 'node:crypto';
import type { ClusterList } from '@rollcall/contract/clusters.ts';
import type { Module, ModuleSummary } from '@rollcall/contract/manage/module-shapes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import { readCompletions } from './support/learning.ts';
import { createCluster, createManager, createModule, createSession, dataOf, takeSeat, walk } from './support/manage.ts';
import { storedEvents, storedRows } from './support/rows.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const whole = {
  name: ' Giving feedback ',
  category: 'Communication',
  description: 'Say what you saw,\r\nand “what it did”.',
  thumbnailUrl: '/thumbnails/giving-feedback.svg',
  duration: 60,
  steps: [
    { title: 'A round', minutes: 5, prompt: '**Which sentence** helped you?' },
    { title: 'In pairs', minutes: 10 },
  ],
};

describe('creating a module', () => {
  test('answers 201 with all that there is of it, and where it is', async () => {
    const manager = await createManager(server);
    const reply = await manager.post('/modules', whole);
    expect(reply.status).toBe(201);
    const module = dataOf<Module>(reply);
    expect(module).toEqual({
      id: expect.stringMatching(/^[\da-f-]{36}$/),
      name: 'Giving feedback',
      category: 'Communication',
      description: 'Say what you saw,\nand “what it did”.',
      thumbnailUrl: `${server.address}/thumbnails/giving-feedback.svg`,
      duration: 60,
      totalSteps: 2,
      createdAt: '2026-03-04T09:30:15Z',
      updatedAt: '2026-03-04T09:30:15Z',
      archivedAt: null,
      steps: [
        { title: 'A round', minutes: 5, prompt: '**Which sentence** helped you?' },
        { title: 'In pairs', minutes: 10, prompt: '' },
      ],
    });
    expect(reply.headers.location).toBe(`${server.address}/manage/v1/modules/${module.id}`);
    expect(await manager.read(`/modules/${module.id}`)).toEqual(module);
    expect(await storedEvents(server, manager.organization)).toEqual([[1, 'module.created']]);
  });

  test('is refused with the place of every fault, and makes nothing', async () => {
    const manager = await createManager(server);
    const types = { name: 5, duration: '60', steps: [{ title: 'A', minutes: 0, promt: 'x' }, { minutes: 1.5 }] };
    expect(expectIssues(await manager.post('/modules', types)).sort()).toEqual([
      '/duration: must be an integer, not a string',
      '/name: must be a string, not a number',
      '/steps/0/minutes: must be at least 1',
      '/steps/0/promt: is an unknown field; check its spelling or leave it out',
      '/steps/1/minutes: must be an integer, not a number',
      '/steps/1: lacks "title"',
    ]);
    const texts = { name: '\u0007', duration: 60, thumbnailUrl: 'javascript:alert(1)', description: 'a\u0000' };
    expect(expectIssues(await manager.post('/modules', texts))).toEqual([
      expect.stringMatching(/^\/name: contains the control character U\+0007/),
      expect.stringMatching(/^\/description: contains the control character U\+0000/),
      expect.stringMatching(/^\/thumbnailUrl: is no web address/),
    ]);
    const sizes = { name: 'x'.repeat(257), duration: 1_441 };
    expect(expectIssues(await manager.post('/modules', sizes)).sort()).toEqual([
      '/duration: must be at most 1440',
      '/name: must have at most 256 characters',
    ]);
    const long = { name: 'A', duration: 60, steps: Array(101).fill({ title: 'A', minutes: 1 }) };
    expect(expectIssues(await manager.post('/modules', long))).toEqual([
      '/steps: must have at most 100 items; join some of them, or make two modules of it',
    ]);
    expect(await walk(manager, '/modules', 50)).toEqual([]);
  });

  test('is done once for each Idempotency-Key', async () => {
    const manager = await createManager(server);
    const headers = { 'idempotency-key': randomUUID() };
    const first = await manager.post('/modules', whole, headers);
    const again = await manager.post('/modules', whole, headers);
    expect([again.status, again.text, again.headers.location]).toEqual([201, first.text, first.headers.location]);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    expect(await walk(manager, '/modules', 50)).toHaveLength(1);
    expectError(await manager.post('/modules', { ...whole, duration: 61 }, headers), 'idempotency_key_reused');
    expectError(
      await manager.post('/modules/import', 'name: A\nduration: 5', { ...headers, 'content-type': 'application/yaml' }),
      'idempotency_key_reused',
    );
    // What was refused is not remembered: mended, it can be sent under the same key.
    const other = { 'idempotency-key': randomUUID() };
    expectError(await manager.post('/modules', { name: '' }, other), 'invalid_request');
    expect((await manager.post('/modules', whole, other)).status).toBe(201);
  });
});

describe('changing a module', () => {
  test('changes what the body names; steps are replaced as a whole', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager, whole);
    server.clock.advance(5_000);
    const renamed = await manager.change<Module>(`/modules/${module.id}`, { name: 'Feedback', thumbnailUrl: null });
    const { updatedAt } = renamed;
    expect(renamed).toEqual({ ...module, name: 'Feedback', thumbnailUrl: null, updatedAt });
    expect(Date.parse(updatedAt)).toBe(Date.parse(module.updatedAt) + 5_000);
    const steps = [{ title: 'Only one', minutes: 3, prompt: 'x' }];
    const shorter = await manager.change<Module>(`/modules/${module.id}`, { steps, duration: 15, category: '' });
    expect(shorter).toEqual({ ...renamed, steps, totalSteps: 1, duration: 15, category: '' });
    expect(await manager.read(`/modules/${module.id}`)).toEqual(shorter);
  });

  test('leaves an event of what is now different, and none where nothing is', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager);
    await manager.change(`/modules/${module.id}`, { name: 'Feedback', duration: module.duration });
    server.clock.advance(5_000);
    const { steps } = module;
    const same = await manager.change<Module>(`/modules/${module.id}`, { name: 'Feedback', steps });
    expect(same.updatedAt).toBe(module.updatedAt);
    expect(await storedEvents(server, manager.organization)).toEqual([
      [1, 'module.created'],
      [2, 'module.updated'],
    ]);
    const { events } = await storedRows(server, manager.organization);
    expect(JSON.parse(String(events?.[1]?.data))).toEqual({ moduleId: module.id, changed: ['name'] });
  });

  test('shows in the Account API at once, also to those who ask whether anything has changed', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager);
    await createCluster(manager, { moduleId: module.id });
    const { organization } = manager;
    const before = await organization.get('/v1/clusters');
    const etag = String(before.headers.etag);
    expect((await organization.get('/v1/clusters', { 'if-none-match': etag })).status).toBe(304);
    await manager.change(`/modules/${module.id}`, { name: 'Renamed', duration: 30, description: 'Now with text.' });
    const after = await organization.get('/v1/clusters', { 'if-none-match': etag });
    expect(after.status).toBe(200);
    expect(after.json<ClusterList>().data.items[0]).toMatchObject({
      moduleName: 'Renamed',
      duration: 30,
      moduleDescription: 'Now with text.',
    });
  });

  test('does not rewrite history: completions keep the name, the duration and the steps of their time', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const module = await createModule(manager);
    const { id: clusterId } = await createCluster(manager, { moduleId: module.id });
    const session = await createSession(manager, { clusterId });
    await takeSeat(manager, session.id, 'E1');
    own.clock.set(Date.parse(session.endsAt));
    const before = await readCompletions(manager.organization);
    expect(before).toMatchObject([{ moduleName: 'Meetings that decide', totalSteps: 2, duration: 60 }]);
    await manager.change(`/modules/${module.id}`, { name: 'Renamed', duration: 30, steps: [] });
    own.clock.advance(60_000);
    expect(await readCompletions(manager.organization)).toEqual(before);
  });

  test('of its steps waits while a group is in the middle of them; a new name does not', async () => {
    await using own = await startTestServer();
    const manager = await createManager(own);
    const module = await createModule(manager);
    const { id: clusterId } = await createCluster(manager, { moduleId: module.id });
    const session = await createSession(manager, { clusterId });
    await own.database.transaction(null, ({ kysely }) =>
      kysely.updateTable('sessions').set({ state: 'open' }).where('id', '=', session.id).execute(),
    );
    expectError(await manager.patch(`/modules/${module.id}`, { steps: [] }), 'conflict');
    const { steps } = module;
    expect(await manager.change(`/modules/${module.id}`, { name: 'Renamed', steps })).toMatchObject({ totalSteps: 2 });
  });
});

describe('archiving a module', () => {
  test('takes it out of use: no change, no new offer; it can still be read and exported', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager);
    const archived = await manager.make<Module>(`/modules/${module.id}/archive`);
    expect(archived).toEqual({ ...module, archivedAt: archived.archivedAt, updatedAt: archived.updatedAt });
    expect(archived.archivedAt).toMatch(/Z$/);
    expectError(await manager.patch(`/modules/${module.id}`, { name: 'B' }), 'conflict');
    expectError(await manager.post('/clusters', { moduleId: module.id }), 'conflict');
    expect(await manager.read(`/modules/${module.id}`)).toEqual(archived);
    expect((await manager.get(`/modules/${module.id}/export`)).status).toBe(200);
    server.clock.advance(5_000);
    expect(await manager.make(`/modules/${module.id}/archive`)).toEqual(archived);
    expect((await storedEvents(server, manager.organization)).map(([, type]) => type)).toEqual([
      'module.created',
      'module.archived',
    ]);
  });

  test('is refused while a cluster offers it, with the clusters; not once these are archived', async () => {
    const manager = await createManager(server);
    const module = await createModule(manager);
    const first = await createCluster(manager, { moduleId: module.id });
    const second = await createCluster(manager, { moduleId: module.id });
    await createCluster(manager);
    const error = expectError(await manager.post(`/modules/${module.id}/archive`), 'conflict');
    expect(error.message).toBe('The module is on offer in 2 clusters. Archive these first.');
    expect(error.metadata).toHaveProperty('clusterIds', [first.id, second.id]);
    await manager.make(`/clusters/${first.id}/archive`);
    await manager.make(`/clusters/${second.id}/archive`);
    expect((await manager.make<Module>(`/modules/${module.id}/archive`)).archivedAt).not.toBeNull();
  });
});

describe('the list of modules', () => {
  test('is walked by cursor in order of creation, meeting each once, also while modules are added', async () => {
    const manager = await createManager(server);
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) ids.push((await createModule(manager)).id);
    expect((await walk<ModuleSummary>(manager, '/modules', 1)).map(({ id }) => id)).toEqual(ids);
    expect((await walk<ModuleSummary>(manager, '/modules', 5)).map(({ id }) => id)).toEqual(ids);
    const { items, next } = await manager.read<{ items: ModuleSummary[]; next: string }>('/modules?limit=3');
    server.clock.advance(1);
    ids.push((await createModule(manager)).id);
    const { items: others } = await manager.read<{ items: ModuleSummary[] }>(`/modules?limit=200&cursor=${next}`);
    expect([...items, ...others].map(({ id }) => id)).toEqual(ids);
  });

  test('shows each module without its steps', async () => {
    const manager = await createManager(server);
    const { steps: _steps, ...summary } = await createModule(manager);
    expect(await walk(manager, '/modules', 50)).toEqual([summary]);
  });

  test('has archived modules apart', async () => {
    const manager = await createManager(server);
    const kept = await createModule(manager);
    const archived = await createModule(manager);
    await manager.make(`/modules/${archived.id}/archive`);
    const idsOf = async (path: string) => (await walk<ModuleSummary>(manager, path, 50)).map(({ id }) => id);
    expect(await idsOf('/modules')).toEqual([kept.id]);
    expect(await idsOf('/modules?archived=false')).toEqual([kept.id]);
    expect(await idsOf('/modules?archived=true')).toEqual([archived.id]);
  });

  test('refuses limits out of range, cursors of others and parameters that it does not know', async () => {
    const manager = await createManager(server);
    for (let count = 0; count < 2; count++) await createCluster(manager);
    const { next } = await manager.read<{ next: string }>('/clusters?limit=1');
    const path = `/modules?limit=0&cursor=${next}&page=1&archived=yes`;
    expect(expectIssues(await manager.get(path))).toEqual([
      'limit: must be a whole number from 1 to 200, not "0"',
      expect.stringMatching(/^page: is unknown/),
      'archived: must be true or false, not "yes"',
    ]);
    expect(expectIssues(await manager.get(`/modules?cursor=${next}`))).toEqual([
      'cursor: is not a cursor of this list; send "next" of an earlier answer as it came',
    ]);
    expectError(await manager.get('/modules?limit=201'), 'invalid_request');
  });
});

test('an id that nobody has and one that is none are both not found, whatever is asked of it', async () => {
  const manager = await createManager(server);
  for (const id of [randomUUID(), 'import', '0', `${randomUUID()}0`]) {
    expectError(await manager.get(`/modules/${id}`), 'not_found');
    expectError(await manager.get(`/modules/${id}/export`), 'not_found');
    expectError(await manager.patch(`/modules/${id}`, { name: 'A' }), 'not_found');
    expectError(await manager.post(`/modules/${id}/archive`), 'not_found');
  }
  const { id } = await createModule(manager);
  expect((await manager.get(`/modules/${id.toUpperCase()}`)).status).toBe(200);
});

test('a method that an address does not answer is 405 with those that it does', async () => {
  const manager = await createManager(server);
  const { id } = await createModule(manager);
  const { key } = await manager.organization.createKey({ scopes: ['manage'] });
  const remove = await server.request(`/manage/v1/modules/${id}`, { method: 'DELETE', key });
  expectError(remove, 'method_not_allowed');
  expect(remove.headers.allow).toBe('GET, HEAD, PATCH');
  expectError(await server.request('/manage/v1/nothing', { key }), 'not_found');
});
