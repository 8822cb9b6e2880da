import { afterAll, describe, expect, test } from 'vitest';
import { createManager } from './support/manage.ts';
import { openRun, syncRoster } from './support/sync-runs.ts';
import { startTestServer } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

describe('the same person twice in one run', () => {
  test('counts once where both rows say the same, in whatever batch', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', email: 'Ann@example.com', row: 2 });
    await run.add(1, { remoteId: ' E1', email: 'ann@EXAMPLE.com', row: 900 });
    expect((await run.plan()).counts).toMatchObject({ create: 1, conflict: 0 });
    await run.commit();
    expect((await readPage(acme)).total).toBe(1);
  });

  test('is a conflict where they differ: both rows are shown, nothing is written, nobody is deactivated for it', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', firstName: 'Ann' });
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', firstName: 'Anna', row: 2 });
    await run.add(7, { remoteId: 'E1', firstName: 'Hannah', row: 99 });
    expect((await run.plan()).counts).toMatchObject({ conflict: 2, update: 0, deactivate: 0 });
    expect(await run.items('kind=conflict')).toMatchObject([
      { row: 2, user: { remoteId: 'E1' }, sent: { firstName: 'Anna' }, error: expect.stringContaining('row 99') },
      { row: 99, user: { remoteId: 'E1' }, sent: { firstName: 'Hannah' }, error: expect.stringContaining('row 2') },
    ]);
    await run.commit();
    expect((await readPage(acme)).items).toMatchObject([{ firstName: 'Ann', active: true }]);
  });

  test('is a conflict too where one row names the user by remoteId and the other by email', async () => {
    const acme = await server.createOrganization();
    await upsertUsers(acme, { remoteId: 'E1', email: 'ann@example.com' });
    const run = await openRun(server, acme);
    await run.add(0, { email: 'ann@example.com', firstName: 'Ann' });
    await run.add(1, { remoteId: 'E1', firstName: 'Anna' });
    expect((await run.plan()).counts).toMatchObject({ conflict: 2, update: 0, create: 0 });
  });

  test('or where two people claim one email', async () => {
    const acme = await server.createOrganization();
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', email: 'ann@example.com' }, { remoteId: 'E2', email: 'ann@example.com' });
    expect((await run.plan()).counts).toMatchObject({ conflict: 2, create: 0 });
  });
});

describe('an email that changes hands', () => {
  const before = [
    { remoteId: 'E1', email: 'one@example.com' },
    { remoteId: 'E2', email: 'two@example.com' },
  ];

  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]]])(
    'is taken by others in one change, in the order %s',
    async (order) => {
      const acme = await server.createOrganization();
      await syncRoster(server, acme, before);
      const rows = [
        { remoteId: 'E1', email: 'new@example.com' },
        { remoteId: 'E2', email: 'one@example.com' },
        { remoteId: 'E3', email: 'two@example.com' },
      ];
      const run = await openRun(server, acme);
      for (const [batch, index] of order.entries()) await run.add(batch, rows[index] as object);
      const plan = await run.plan();
      expect(plan.counts).toMatchObject({ update: 2, create: 1, conflict: 0 });
      await run.commit({ digest: plan.digest });
      const emails = (await readPage(acme)).items.map(({ remoteId, email }) => [remoteId, email]);
      expect(emails).toEqual([
        ['E1', 'new@example.com'],
        ['E2', 'one@example.com'],
        ['E3', 'two@example.com'],
      ]);
      // Back again: the new user keeps its email, so E2 cannot have its own; E1 can.
      expect((await run.undo()).undo).toEqual({ deactivated: 1, restored: 0, reactivated: 0, leftAlone: 2 });
      expect((await readPage(acme)).items.map(({ email, active }) => [email, active])).toEqual([
        ['new@example.com', true],
        ['one@example.com', true],
        ['two@example.com', false],
      ]);
    },
  );

  test('comes back by an undo where nobody else has it', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, before);
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', email: 'new@example.com' }, { remoteId: 'E2', email: 'one@example.com' });
    await run.commit();
    expect((await run.undo()).undo).toMatchObject({ restored: 2, leftAlone: 0 });
    expect((await readPage(acme)).items).toMatchObject(before);
  });

  test('is a conflict where its owner does not give it up', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, before);
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E9', email: 'one@example.com' }, { remoteId: 'E2' });
    const plan = await run.plan();
    expect(plan.counts).toMatchObject({ conflict: 1, create: 0, unchanged: 1 });
    // A row names its owner's email: better one too many stays active than one too few.
    expect(plan.counts.deactivate).toBe(0);
  });
});

describe('deactivation', () => {
  test('leaves alone whom no roster ever brought in', async () => {
    const manager = await createManager(server);
    const { organization: acme } = manager;
    await server.database.transaction(acme.id, async ({ kysely }) => {
      const user = {
        id: 'a'.repeat(64),
        firstName: '',
        lastName: '',
        email: 'm@example.com',
        active: true,
        remoteId: null,
      };
      const row = {
        organization_id: acme.id,
        position: 0,
        id: user.id,
        first_name: '',
        last_name: '',
        email: user.email,
      };
      const rest = {
        active: 1 as const,
        remote_id: null,
        document: JSON.stringify(user),
        created_at: 0,
        updated_at: 0,
      };
      await kysely
        .insertInto('users')
        .values({ ...row, ...rest })
        .execute();
      await kysely
        .updateTable('organizations')
        .set({ users_total: 1, users_active: 1 })
        .where('id', '=', acme.id)
        .execute();
    });
    await syncRoster(server, acme, [{ remoteId: 'E1' }, { remoteId: 'E2' }]);
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1' });
    expect((await run.plan()).threshold).toMatchObject({ deactivations: 1, active: 2 });
    await run.commit();
    expect((await readPage(acme)).items.map(({ active }) => active)).toEqual([true, true, false]);
    // Once a roster names somebody, it can miss them.
    await syncRoster(server, acme, [{ remoteId: 'E1' }, { email: 'm@example.com' }]);
    await syncRoster(server, acme, [{ remoteId: 'E1' }]);
    expect((await readPage(acme)).items.map(({ active }) => active)).toEqual([false, true, false]);
  });

  test('is left out where the run is a part of the roster', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, [{ remoteId: 'E1' }, { remoteId: 'E2' }]);
    const part = await syncRoster(server, acme, [{ remoteId: 'E3' }], { deactivateMissing: false });
    expect(part.result).toMatchObject({ create: 1, deactivate: 0 });
  });

  test('ends by itself once a roster has the person again, unless somebody deactivated them otherwise', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, [{ remoteId: 'E1' }, { remoteId: 'E2' }, { remoteId: 'E3' }]);
    await syncRoster(server, acme, [{ remoteId: 'E1' }]);
    server.clock.advance(1_000);
    await acme.post('/v1/users/batch-upsert', { users: [{ remoteId: 'E3', active: true }] });
    server.clock.advance(1_000);
    await acme.post('/v1/users/batch-deactivate', { users: [{ remoteId: 'E3' }] });
    const back = await syncRoster(server, acme, [{ remoteId: 'E1' }, { remoteId: 'E2' }, { remoteId: 'E3' }]);
    expect(back.result).toMatchObject({ reactivate: 1, unchanged: 2 });
    expect((await readPage(acme)).items.map(({ active }) => active)).toEqual([true, true, false]);
  });

  test('counts people whom the roster calls inactive', async () => {
    const acme = await server.createOrganization();
    await syncRoster(server, acme, [{ remoteId: 'E1' }, { remoteId: 'E2' }]);
    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', active: false, row: 5 }, { remoteId: 'E2' });
    expect((await run.plan()).counts).toMatchObject({ deactivate: 1, update: 0 });
    expect(await run.items('kind=deactivate')).toMatchObject([{ row: 5, user: { remoteId: 'E1' } }]);
  });
});

test('rows that are wrong in themselves or not trusted are refused, shown with their row, and hold up nobody', async () => {
  const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
  await upsertUsers(acme, { remoteId: 'E2', email: 'two@example.com' });
  const run = await openRun(server, acme);
  const { refused } = await run.add(
    0,
    { row: 2, remoteId: 'E1', email: 'one@example.com' },
    { row: 3, remoteId: 'E2', email: 'no address' },
    { row: 4, remoteId: 'E4', email: 'four@elsewhere.example' },
    { row: 5, firstName: 'Nobody' },
  );
  expect(refused).toMatchObject([
    { index: 1, row: 3, error: expect.stringContaining('no address') },
    { index: 3, row: 5, error: expect.stringContaining('remoteId') },
  ]);
  expect((await run.plan()).counts).toMatchObject({ create: 1, refused: 3, deactivate: 0 });
  expect(await run.items('kind=refused')).toMatchObject([
    { row: 3, user: { remoteId: 'E2' }, sent: { email: 'no address' } },
    { row: 4, error: expect.stringContaining('trusted domains') },
    { row: 5 },
  ]);
  expect((await run.commit()).result).toMatchObject({ create: 1, refused: 3 });
});

describe('what was edited by hand', () => {
  test('stays, and the plan shows it beside what the roster has', async () => {
    const manager = await createManager(server);
    const { organization: acme } = manager;
    await syncRoster(server, acme, [
      { remoteId: 'E1', firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com' },
      { remoteId: 'E2', firstName: 'Bob' },
      { remoteId: 'E3' },
      { remoteId: 'E4' },
    ]);
    const [ann, bob, cem, dan] = (await readPage(acme)).items.map(({ id }) => `/users/${id}`) as [
      string,
      string,
      string,
      string,
    ];
    await manager.change(ann, { lastName: 'Lee-Park', email: 'lee@example.com' });
    await manager.change(bob, { firstName: 'Bobby' });
    await manager.change(cem, { active: false });
    await manager.change(dan, { active: true });

    const run = await openRun(server, acme);
    await run.add(0, { remoteId: 'E1', firstName: 'Anne', lastName: 'Lee', email: 'ann@example.com' });
    await run.add(1, { remoteId: 'E2', firstName: 'Bob' }, { remoteId: 'E3', active: true });
    expect((await run.plan()).counts).toMatchObject({ update: 1, kept: 3, deactivate: 0, reactivate: 0 });
    expect(await run.items('kind=update')).toMatchObject([
      {
        changes: [{ field: 'firstName', from: 'Ann', to: 'Anne' }],
        kept: [
          { field: 'lastName', kept: 'Lee-Park', offered: 'Lee' },
          { field: 'email', kept: 'lee@example.com', offered: 'ann@example.com' },
        ],
      },
    ]);
    expect((await run.items('kind=kept')).map(({ user, kept }) => [user?.remoteId, kept])).toEqual([
      ['E2', [{ field: 'firstName', kept: 'Bobby', offered: 'Bob' }]],
      ['E3', [{ field: 'active', kept: false, offered: true }]],
      ['E4', [{ field: 'active', kept: true, offered: false }]],
    ]);
    await run.commit();
    expect((await readPage(acme)).items).toMatchObject([
      { firstName: 'Anne', lastName: 'Lee-Park', email: 'lee@example.com' },
      { firstName: 'Bobby' },
      { active: false },
      { active: true },
    ]);

    await manager.change(bob, { stickyFields: [] });
    const released = await openRun(server, acme, { deactivateMissing: false });
    await released.add(0, { remoteId: 'E2', firstName: 'Bob' });
    expect((await released.plan()).counts).toMatchObject({ update: 1, kept: 0 });
  });
});
