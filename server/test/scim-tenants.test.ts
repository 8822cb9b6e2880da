import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BULK_MESSAGE, GROUP_SCHEMA, PATCH_MESSAGE, USER_SCHEMA } from '../domain/scim/schemas.ts';
import type { Reply } from './support/request.ts';
import { storedRows } from './support/rows.ts';
import { createScimClient, type ScimClient, type ScimGroupResource, type ScimUserResource } from './support/scim.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

let victim: ScimClient;
let attacker: ScimClient;
let user: ScimUserResource;
let group: ScimGroupResource;
let ownGroup: ScimGroupResource;

const NAMES = {
  userName: 'secret@victim.example',
  externalId: 'victim-1',
  name: { givenName: 'Victor', familyName: 'Im' },
};

beforeAll(async () => {
  victim = await createScimClient(server);
  attacker = await createScimClient(server);
  user = await victim.createUser(NAMES);
  group = await victim.createGroup('Secret group', user.id);
  await attacker.createUser({ userName: 'own@attacker.example' });
  ownGroup = await attacker.createGroup('Own group');
});

const patchOf = (...Operations: unknown[]) => ({ schemas: [PATCH_MESSAGE], Operations });
const off = patchOf({ op: 'replace', path: 'active', value: false });

/** Answers with nothing of the victim's in it. */
function expectNothing(reply: Reply): void {
  for (const secret of [NAMES.userName, NAMES.externalId, 'Victor', 'Secret group']) {
    expect(reply.text.toLowerCase()).not.toContain(secret.toLowerCase());
  }
}

describe('with another organization’s ids', () => {
  test('nothing can be read, changed or deleted, as if it were not there', async () => {
    const before = await storedRows(server, victim.organization);
    const absent = { user: '0'.repeat(64), group: '01890a5d-ac96-774b-bcce-b302099a8057' };
    const attempts: [string, (ids: typeof absent) => string, unknown?][] = [
      ['GET', (ids) => `/Users/${ids.user}`],
      ['PUT', (ids) => `/Users/${ids.user}`, { schemas: [USER_SCHEMA], userName: 'new@attacker.example' }],
      ['PATCH', (ids) => `/Users/${ids.user}`, off],
      ['DELETE', (ids) => `/Users/${ids.user}`],
      ['GET', (ids) => `/Groups/${ids.group}`],
      ['PUT', (ids) => `/Groups/${ids.group}`, { schemas: [GROUP_SCHEMA], displayName: 'Mine' }],
      ['PATCH', (ids) => `/Groups/${ids.group}`, patchOf({ op: 'replace', path: 'displayName', value: 'Mine' })],
      ['DELETE', (ids) => `/Groups/${ids.group}`],
    ];
    for (const [method, path, body] of attempts) {
      const there = await attacker.send(method, path({ user: user.id, group: group.id }), body);
      const nowhere = await attacker.send(method, path(absent), body);
      expect([method, there.status]).toEqual([method, 404]);
      const blank = (text: string) =>
        text
          .replaceAll(user.id, '')
          .replaceAll(group.id, '')
          .replaceAll(absent.user, '')
          .replaceAll(absent.group, '')
          .replaceAll(/"[^"]*…/g, '');
      expect(blank(there.text)).toBe(blank(nowhere.text));
    }
    expect(await storedRows(server, victim.organization)).toEqual(before);
  });

  test('lists and filters show nothing', async () => {
    const filters = [`id eq "${user.id}"`, `userName eq "${NAMES.userName}"`, `externalId eq "${NAMES.externalId}"`];
    const emails = [
      `emails.value eq "${NAMES.userName}"`,
      `emails[value eq "${NAMES.userName}"]`,
      'name.givenName eq "Victor"',
    ];
    for (const filter of [...filters, ...emails]) {
      const reply = await attacker.send('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      expect(reply.json()).toMatchObject({ totalResults: 0 });
    }
    for (const filter of [`id eq "${group.id}"`, 'displayName eq "Secret group"', `members eq "${user.id}"`]) {
      const reply = await attacker.send('GET', `/Groups?filter=${encodeURIComponent(filter)}`);
      expect(reply.json()).toMatchObject({ totalResults: 0 });
    }
    for (const path of ['/Users', '/Groups', '/Users?sortBy=userName']) expectNothing(await attacker.send('GET', path));
  });

  test('nobody gets into a group, and no key is taken', async () => {
    const before = await storedRows(server, victim.organization);
    const member = { op: 'add', path: 'members', value: [{ value: user.id }] };
    expect((await attacker.patch(`/Groups/${ownGroup.id}`, member)).status).toBe(400);
    const made = await attacker.send('POST', '/Groups', { schemas: [GROUP_SCHEMA], displayName: 'Secret group' });
    expect(made.status).toBe(201);
    expect((await attacker.send('POST', '/Users', { schemas: [USER_SCHEMA], ...NAMES })).status).toBe(201);
    const operations = [
      { method: 'DELETE', path: `/Users/${user.id}` },
      { method: 'PATCH', path: `/Users/${user.id}`, data: off },
      { method: 'DELETE', path: `/Groups/${group.id}` },
    ];
    const bulk = await attacker.send('POST', '/Bulk', { schemas: [BULK_MESSAGE], Operations: operations });
    const { Operations } = bulk.json<{ Operations: { status: string }[] }>();
    expect(Operations.map(({ status }) => status)).toEqual(['404', '404', '404']);
    expect(await storedRows(server, victim.organization)).toEqual(before);
  });
});
