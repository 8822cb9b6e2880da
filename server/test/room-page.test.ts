import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { cancelRegistration } from '../actions/cancel-registration.ts';
import { cancelSession } from '../actions/cancel-session.ts';
import { changeCluster } from '../actions/change-cluster.ts';
import { changeOrganization } from '../actions/change-organization.ts';
import { contextOf } from './support/learning.ts';
import type { Reply } from './support/request.ts';
import { here, makeRoom, type TestGuest, type TestRoom } from './support/room.ts';
import { startTestServer } from './support/test-server.ts';
import { deactivateUsers } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const BYTES_MAX = 100_000;

function firstOf({ guests }: TestRoom): TestGuest {
  const [guest] = guests;
  if (!guest) throw new Error('the room has no guests');
  return guest;
}

/** Sends a form as a browser without JavaScript does. */
function submit({ link }: TestGuest, fields: Readonly<Record<string, string>>): Promise<Reply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return server.request(link, { method: 'POST', body: new URLSearchParams(fields).toString(), headers });
}

const heading = ({ text }: Reply) => /<h1[^>]*>([^<]*)</.exec(text)?.[1];
/** Whether the page shows what has this id. */
const shows = ({ text }: Reply, id: string) => {
  const tag = new RegExp(`<[a-z]+ [^>]*id="${id}"[^>]*>`).exec(text)?.[0];
  return tag !== undefined && !/ hidden[ >]/.test(tag);
};

test('before the room opens, the link says when it does', async () => {
  const reply = await firstOf(await makeRoom(server, { minute: -130 })).get();
  expect(reply.status).toBe(200);
  expect(heading(reply)).toBe('Meetings that decide');
  expect(reply.text).toMatch(/The room opens in<\/p>\s*<p[^>]*>2 hours</);
  expect(reply.text).toMatch(/href="[^"]+\/session\.ics"/);
});

test('from ten minutes before the start, the link leads to the lobby', async () => {
  const reply = await firstOf(await makeRoom(server, { minute: -10 })).get();
  expect([shows(reply, 'lobby'), shows(reply, 'step'), shows(reply, 'back')]).toEqual([true, false, false]);
  expect(reply.text).toContain('10 minutes');
});

test('once the session has begun, the page shows the step that the group is on', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada, grace] = room.guests as [TestGuest, TestGuest];
  await here(ada);
  await grace.post('move', { from: 0, step: 1 });
  const reply = await ada.get();
  expect([shows(reply, 'lobby'), shows(reply, 'step'), shows(reply, 'next')]).toEqual([false, true, true]);
  expect(reply.text).toContain('<title>Step 2 of 3: Look back · Meetings that decide</title>');
  expect(reply.text).toContain('<p>Think of a meeting.</p>');
  expect(reply.text).toContain('1 of 3 here');
  expect(reply.text).toContain('href="https://meet.example/abc"');
});

test('after the session, the page sums up what the record will say, and asks how it was', async () => {
  const room = await makeRoom(server, { minute: 0 });
  const [ada, grace] = room.guests as [TestGuest, TestGuest];
  for (let quarter = 0; quarter <= 8; quarter++) {
    room.moveTo(quarter / 4);
    await here(ada);
    if (quarter === 4) await grace.post('move', { from: 0, step: 1 });
  }
  await ada.post('end', {});
  const reply = await ada.get();
  expect(reply.text).toMatch(/Time present<\/dt><dd>2 <span>minutes/);
  expect(reply.text).toMatch(/Steps<\/dt><dd>2 <span>of 3/);
  expect(shows(reply, 'feedback')).toBe(true);
  const absent = await (room.guests[2] as TestGuest).get();
  expect(absent.text).toContain('you were not in its room');
  expect(shows(absent, 'feedback')).toBe(false);
});

test.each([
  [
    'a cancelled seat',
    'Your seat is cancelled',
    (room: TestRoom) => cancelRegistration(contextOf(server), room.organization.id, firstOf(room).registration.id),
  ],
  [
    'a deactivated user',
    'This link is closed',
    (room: TestRoom) => deactivateUsers(room.organization, { id: firstOf(room).userId }),
  ],
])('the link of %s leads to a page that says so, and to nothing else', async (_what, expected, act) => {
  const room = await makeRoom(server, { minute: 1 });
  await act(room);
  const reply = await firstOf(room).get();
  expect([reply.status, heading(reply)]).toEqual([410, expected]);
  for (const secret of ['meet.example', 'Grace', 'Alan', 'Say ']) expect(reply.text).not.toContain(secret);
  expect((await submit(firstOf(room), { next: '0', from: '' })).status).toBe(303);
  expect((await (room.guests[1] as TestGuest).get('state')).json()).toMatchObject({ data: { currentStep: null } });
});

test('whoever has lost the seat is shown the way back to the form, as long as there is one', async () => {
  const room = await makeRoom(server, { minute: -60 });
  await cancelRegistration(contextOf(server), room.organization.id, firstOf(room).registration.id);
  const form = `/embed/${room.organization.slug}/${room.session.clusterId}`;
  const { text } = await firstOf(room).get();
  const href = /href="([^"]+)">Sign up again/.exec(text)?.[1] ?? '';
  expect(new URL(href, server.address + firstOf(room).link).pathname).toBe(form);
  expect((await server.request(form)).status).toBe(200);
  const closing = { selfRegistration: false };
  await changeCluster(contextOf(server), room.organization.id, room.session.clusterId, closing);
  expect((await firstOf(room).get()).text).not.toContain('Sign up again');
});

test('the links of a cancelled session lead to a page that says so', async () => {
  const room = await makeRoom(server, { minute: -5 });
  await cancelSession(contextOf(server), room.organization.id, room.session.id);
  const reply = await firstOf(room).get();
  expect([reply.status, heading(reply)]).toEqual([410, 'This session is cancelled']);
});

test('a link that is nobody’s leads to a page of its own', async () => {
  const reply = await server.request('/join/1.AAAAAAAAAAAAAAAAAAAAAAAA');
  expect([reply.status, reply.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  expect(reply.text).toContain('This link leads nowhere');
});

test('no page of a link is kept, framed, or tells other sites its address', async () => {
  const room = await makeRoom(server, { minute: -60 });
  const guest = firstOf(room);
  for (const minute of [-60, -5, 1, 100]) {
    room.moveTo(minute);
    const { headers } = await guest.get();
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['set-cookie']).toBeUndefined();
    const policy = String(headers['content-security-policy']);
    for (const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ]) {
      expect(policy).toContain(directive);
    }
  }
});

test('no join link reaches the log or the metrics, whatever is asked of it', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line: string) => void lines.push(line) });
  await using logged = await startTestServer({ logger });
  const room = await makeRoom(logged, { minute: 1 });
  const [guest] = room.guests as [TestGuest];
  await guest.get();
  await here(guest);
  await guest.post('move', { from: 9, step: 1 });
  await guest.post('move', 'no JSON');
  await guest.get('state');
  await guest.get('nowhere');
  await logged.request(`${guest.link}?x=1`, { method: 'DELETE' });
  await logged.database.transaction(null, ({ kysely }) => kysely.schema.dropTable('feedback').execute());
  await guest.post('end', {});
  expect((await guest.post('feedback', { rating: 3 })).status).toBeGreaterThanOrEqual(400);
  expect((await guest.get()).status).toBe(500);
  expect(lines.length).toBeGreaterThan(8);
  const secret = guest.registration.joinToken.split('.')[1] ?? '';
  expect(lines.join('')).not.toContain(secret);
  expect((await logged.request('/metrics')).text).not.toContain(secret);
});

const HOSTILE = '</title><script>alert(1)</script>"\'><img src=x onerror=alert(1)>';

test.each([-60, -5, 1, 100])('nothing that anybody wrote becomes markup, at minute %d', async (minute) => {
  const room = await makeRoom(server, {
    minute,
    name: HOSTILE,
    category: HOSTILE,
    description: HOSTILE,
    steps: [{ title: HOSTILE, prompt: `${HOSTILE}\n\n[x](javascript:alert(1))`, minutes: 5 }],
    names: [
      [HOSTILE, HOSTILE],
      ['Grace', 'Hopper'],
    ],
    meetingLink: 'javascript:alert(1)',
  });
  await changeOrganization(contextOf(server), room.organization.id, { name: HOSTILE });
  if (minute === 1) await here(firstOf(room));
  const { text, status } = await firstOf(room).get();
  expect(status).toBe(200);
  expect(text).toContain('&lt;script&gt;');
  expect(text).not.toMatch(/<script>|<img src=x|="javascript:|<\/title>.*<\/title>/s);
});

test('the lobby offers to begin once all who have a seat are here, and nobody is offered to end before the start', async () => {
  const room = await makeRoom(server, { minute: -5 });
  const offers = async () => {
    const { text } = await firstOf(room).get();
    return ['next', 'finish', 'early'].filter((id) => !new RegExp(`id="${id}"[^>]* hidden`).test(text));
  };
  await here(firstOf(room));
  expect(await offers()).toEqual([]);
  for (const guest of room.guests) await here(guest);
  expect(await offers()).toEqual(['next']);
  await firstOf(room).post('move', { from: null, step: 2 });
  expect(await offers()).toEqual([]);
  room.moveTo(0);
  expect(await offers()).toEqual(['finish']);
});

test('without JavaScript the page is worked by its buttons', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada, grace] = room.guests as [TestGuest, TestGuest];
  const reply = await submit(ada, { here: '1', from: '' });
  expect([reply.status, reply.headers.location]).toEqual([303, ada.registration.joinToken]);
  await submit(ada, { next: '1', from: '0' });
  expect((await grace.get()).text).toContain('Step 2 of 3: Look back');
  await submit(grace, { next: '1', from: '0' });
  await submit(grace, { next: '2', from: '0' });
  expect((await ada.get()).text).toContain('Step 2 of 3: Look back');
  await submit(ada, { back: '0', from: '1' });
  expect((await grace.get()).text).toContain('Step 1 of 3: Arrive');
  server.clock.advance(1_000);
  await submit(grace, { end: '1' });
  expect(shows(await ada.get(), 'feedback')).toBe(true);
  const given = await submit(ada, { feedback: '1', rating: '4', comment: 'Good.' });
  expect(given.headers.location).toBe(`${ada.registration.joinToken}#feedback`);
  expect((await ada.get()).text).toMatch(/value="4" required checked>.*Good\.<\/textarea>/s);
  expect((await submit(ada, { feedback: '1' })).status).toBe(400);
});

test('a form sent from the page of a room that has closed meanwhile leads to how things are', async () => {
  const room = await makeRoom(server, { minute: 1 });
  const [ada, grace] = room.guests as [TestGuest, TestGuest];
  await here(ada);
  await here(grace);
  server.clock.advance(1_000);
  await grace.post('end', {});
  expect((await submit(ada, { next: '1', from: '0' })).status).toBe(303);
  expect((await ada.get()).text).toContain('The session is over');
});

test('all that the page of a room loads is less than 100 kB', async () => {
  const room = await makeRoom(server, { minute: 1 });
  await here(firstOf(room));
  const { text, bytes } = await firstOf(room).get();
  const queue = [...text.matchAll(/(?:href|src)="(?:\.\.\/)*(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  const seen = new Set<string>();
  let total = bytes.length;
  for (const path of queue) {
    if (seen.has(path)) continue;
    seen.add(path);
    const file = await server.request(path);
    expect(file.status).toBe(200);
    total += file.bytes.length;
    const folder = path.slice(0, path.lastIndexOf('/'));
    for (const [, name] of file.text.matchAll(/from '\.\/([^']+)'/g)) queue.push(`${folder}/${name}`);
  }
  expect([...seen].filter((path) => path.endsWith('.js')).length).toBeGreaterThanOrEqual(5);
  expect(total).toBeLessThan(BYTES_MAX);
});
