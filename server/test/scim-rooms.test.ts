import type { RoomGone, RoomPeople } from '@rollcall/contract/room.ts';
import { afterAll, expect, test } from 'vitest';
import { PATCH_MESSAGE } from '../domain/scim/schemas.ts';
import { connectEvents } from './support/events.ts';
import { here, makeRoom, type TestGuest } from './support/room.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** Out at once: sooner than the room looks by itself. */
const OUT_MS_MAX = 1_000;

const deactivate = { schemas: [PATCH_MESSAGE], Operations: [{ op: 'Replace', path: 'active', value: 'False' }] };

test.each([
  ['deactivates', 'PATCH', deactivate],
  ['deletes', 'DELETE', undefined],
] as const)(
  'whom SCIM %s in mid-session is out of the room at once, and the others see it',
  async (_, method, body) => {
    const room = await makeRoom(server, { minute: 1 });
    const { key } = await room.organization.createKey({ scopes: ['scim'] });
    const [ada, grace] = room.guests as unknown as [TestGuest, TestGuest];
    for (const guest of room.guests) await here(guest);
    using out = await connectEvents(`${server.address}${ada.link}/events`);
    using stays = await connectEvents(`${server.address}${grace.link}/events`);
    await out.next('state');
    await stays.next('state');

    const reply = await server.request(`/scim/v2/Users/${ada.userId}`, { method, key, body });
    expect(reply.status).toBeLessThan(300);

    expect(await out.next<RoomGone>('gone', OUT_MS_MAX)).toEqual({ reason: 'out' });
    await out.ended(OUT_MS_MAX);
    const { people } = await stays.next<RoomPeople>('people', OUT_MS_MAX);
    expect(people.map(({ name }) => name)).toEqual(['Grace H.', 'Alan T.']);
    expect((await here(ada)).status).toBe(409);
    expect((await ada.post('move', { from: 0, step: 1 })).status).toBe(409);
    expect((await ada.get('events')).status).toBe(409);
    expect((await here(grace)).status).toBe(200);
  },
);

test('whom SCIM deactivates before a session loses the seat', async () => {
  const room = await makeRoom(server, { minute: -30 });
  const { key } = await room.organization.createKey({ scopes: ['scim'] });
  const [ada] = room.guests as unknown as [TestGuest];
  await server.request(`/scim/v2/Users/${ada.userId}`, { method: 'PATCH', key, body: deactivate });
  const cancelled = await server.database.reader.kysely
    .selectFrom('registrations')
    .select('id')
    .where('organization_id', '=', room.organization.id)
    .where('cancelled_at', 'is not', null)
    .execute();
  expect(cancelled.map(({ id }) => id)).toEqual([ada.registration.id]);
});
