import { afterAll, expect, test } from 'vitest';
import { createManager, createSession, takeSeat } from './support/manage.ts';
import { storedEvents } from './support/rows.ts';
import { openRun, syncRoster } from './support/sync-runs.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage, remoteIds, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

test('a roster comes in by batches in any order, is shown in a plan, and is done as one change', async () => {
  const acme = await server.createOrganization();
  await upsertUsers(acme, { remoteId: 'E1', firstName: 'Ann' }, { remoteId: 'E2' }, { remoteId: 'E9' });
  const run = await openRun(server, acme, { label: 'tonight' });
  await run.add(1, { remoteId: 'E3', firstName: 'Cem', row: 4 });
  await run.add(0, { remoteId: 'E2', row: 3 }, { remoteId: 'E1', firstName: 'Anna', row: 2 });
  expect(await remoteIds(acme)).toEqual(['E1', 'E2', 'E9']);

  const plan = await run.plan();
  expect(plan.counts).toMatchObject({ create: 1, update: 1, deactivate: 1, unchanged: 1, conflict: 0, refused: 0 });
  expect(await run.items()).toMatchObject([
    {
      kind: 'create',
      batch: 1,
      index: 0,
      row: 4,
      changes: expect.arrayContaining([{ field: 'firstName', from: null, to: 'Cem' }]),
    },
    { kind: 'update', row: 2, user: { remoteId: 'E1' }, changes: [{ field: 'firstName', from: 'Ann', to: 'Anna' }] },
    { kind: 'deactivate', user: { remoteId: 'E9' }, changes: [{ field: 'active', from: true, to: false }] },
  ]);

  const before = await storedEvents(server, acme);
  const committed = await run.commit({ digest: plan.digest });
  expect(committed).toMatchObject({ state: 'committed', label: 'tonight', rows: 3, batches: 2, result: plan.counts });
  expect((await readPage(acme)).items).toMatchObject([
    { remoteId: 'E1', firstName: 'Anna', active: true },
    { remoteId: 'E2', active: true },
    { remoteId: 'E9', active: false },
    { remoteId: 'E3', firstName: 'Cem', active: true },
  ]);
  const events = (await storedEvents(server, acme)).slice(before.length);
  expect(events.map(([, type]) => type).sort()).toEqual(['users.created', 'users.deactivated', 'users.updated']);
  expect(await run.commit()).toEqual(committed);
});

test('undo takes back what nobody changed since', async () => {
  const acme = await server.createOrganization();
  await syncRoster(server, acme, [{ remoteId: 'E1', firstName: 'Ann', lastName: 'Lee' }, { remoteId: 'E2' }]);
  const run = await openRun(server, acme);
  await run.add(0, { remoteId: 'E1', firstName: 'Anna', lastName: 'Li' }, { remoteId: 'E3' });
  await run.commit();
  await upsertUsers(acme, { remoteId: 'E1', lastName: 'Lim' });
  const undone = await run.undo();
  expect(undone).toMatchObject({
    state: 'undone',
    undo: { deactivated: 1, restored: 1, reactivated: 1, leftAlone: 1 },
  });
  expect((await readPage(acme)).items).toMatchObject([
    { remoteId: 'E1', firstName: 'Ann', lastName: 'Lim' },
    { remoteId: 'E2', active: true },
    { remoteId: 'E3', active: false },
  ]);
  expect(await run.items('left=true')).toMatchObject([{ user: { remoteId: 'E1' }, left: ['lastName'] }]);
  expect(await run.undo()).toEqual(undone);
});

test('whoever reads while a run is committed sees all of it or nothing', async () => {
  const acme = await server.createOrganization();
  const run = await openRun(server, acme);
  const rows = Array.from({ length: 3_000 }, (_, index) => ({ remoteId: `E${index}` }));
  for (let from = 0; from < rows.length; from += 200) await run.add(from / 200, ...rows.slice(from, from + 200));
  await run.plan();
  let isOver = false;
  const committing = run.commit().finally(() => {
    isOver = true;
  });
  const totals = new Set<number>();
  while (!isOver) totals.add((await readPage(acme, 'pageSize=1')).total);
  await committing;
  totals.add((await readPage(acme, 'pageSize=1')).total);
  expect([...totals].filter((total) => total !== 0)).toEqual([rows.length]);
});

test('whoever is deactivated for being absent loses the seats to come', async () => {
  const manager = await createManager(server);
  const acme = manager.organization;
  const session = await createSession(manager, { startsAt: new Date(server.clock.now() + 3_600_000).toISOString() });
  const { id } = await takeSeat(manager, session.id, 'E1');
  await syncRoster(server, acme, [{ remoteId: 'E2' }]);
  expect(await manager.read(`/registrations/${id}`)).toMatchObject({ joinUrl: null, user: { active: false } });
});

test('a run writes one event for each 200 users of a kind', async () => {
  const acme = await server.createOrganization();
  await syncRoster(
    server,
    acme,
    Array.from({ length: 450 }, (_, index) => ({ remoteId: `E${index}` })),
  );
  expect((await storedEvents(server, acme)).map(([, type]) => type)).toEqual(Array(3).fill('users.created'));
});
