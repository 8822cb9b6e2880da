import type { User } from '@rollcall/contract/users.ts';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { cancelSession } from '../actions/cancel-session.ts';
import { listEventsAfter } from '../store/events.ts';
import { contextOf } from './support/learning.ts';
import { addOffer, changeSettings, fillSession, joinLinkOn, postForm, sendForm } from './support/offers.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { readPage, upsertUsers } from './support/users.ts';

const server = await startTestServer({ environment: { SIGN_UP_LIMIT: '0' } });
afterAll(() => server[Symbol.asyncDispose]());

async function userNamed(organization: TestOrganization, email: string): Promise<User | undefined> {
  return (await readPage(organization, `email=${encodeURIComponent(email)}`)).items[0];
}

function seats(organization: TestOrganization, sessionId: string) {
  return server.database.reader.kysely
    .selectFrom('registrations')
    .select(['user_id', 'consented_at', 'join_token'])
    .where('organization_id', '=', organization.id)
    .where('session_id', '=', sessionId)
    .where('cancelled_at', 'is', null)
    .execute();
}

describe('the form', () => {
  test('shows the module and its sessions to come, in UTC, with the seats that are left', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, {
      module: { name: 'Giving feedback', category: 'Talking', description: 'Say what you saw.', durationMinutes: 45 },
      capacities: [6, 3, 1],
      firstStartAt: Date.parse('2026-03-10T14:00:00Z'),
    });
    const [first, second, third] = offer.sessions;
    await fillSession(server, acme, second?.id ?? '', 2);
    await fillSession(server, acme, third?.id ?? '', 1);

    const page = await server.request(offer.path);

    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    for (const text of ['<h1>Giving feedback</h1>', 'Talking', 'Say what you saw.', '45 minutes']) {
      expect(page.text).toContain(text);
    }
    expect(page.text).toContain('Times are in <span data-zone>UTC</span>');
    expect(page.text).toMatch(/Tuesday 10 March 2026<\/span> <span[^>]*>14:00 – 14:45 UTC/);
    const choices = [...page.text.matchAll(/<input type="radio".*?<\/label>/g)].map(([choice]) => choice);
    expect(choices.map((choice) => /value="([^"]+)"/.exec(choice)?.[1])).toEqual([first?.id, second?.id, third?.id]);
    expect(choices.map((choice) => />([^<>]+)<\/span><\/label>/.exec(choice)?.[1])).toEqual([
      '6 seats left',
      '1 seat left',
      'Full',
    ]);
    expect(choices.map((choice) => / disabled/.test(choice))).toEqual([false, false, true]);
  });

  test('offers neither sessions that have begun nor cancelled ones', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [6, 6, 6] });
    const [begun, cancelled, open] = offer.sessions;
    await cancelSession(contextOf(server), acme.id, cancelled?.id ?? '');
    server.clock.set(begun?.scheduledStartAt ?? 0);

    const { text } = await server.request(offer.path);

    expect(text).toContain(`value="${open?.id}"`);
    expect(text).not.toContain(begun?.id);
    expect(text).not.toContain(cancelled?.id);
  });

  test('is filled in by its address', async () => {
    const acme = await server.createOrganization();
    const { path, sessions } = await addOffer(server, acme, { capacities: [6, 6] });
    const query = new URLSearchParams({
      firstName: 'Ada',
      lastName: 'King & Co',
      email: 'ada@example.com',
      session: sessions[1]?.id ?? '',
      consent: 'yes',
      subject: 'x',
    });
    const { text } = await server.request(`${path}?${query}`);
    expect(text).toContain('name="firstName" type="text" value="Ada"');
    expect(text).toContain('name="lastName" type="text" value="King &amp; Co"');
    expect(text).toContain('name="email" type="email" value="ada@example.com"');
    expect(text).toContain(`value="${sessions[1]?.id}" required checked`);
    // Consent is a person's to give.
    expect(text).not.toMatch(/id="consent"[^>]* checked/);
    expect(text).toMatch(/name="subject" tabindex="-1"/);
  });

  test('chooses the only session that there is by itself', async () => {
    const acme = await server.createOrganization();
    const { path, sessions } = await addOffer(server, acme, { capacities: [6] });
    expect((await server.request(path)).text).toContain(`value="${sessions[0]?.id}" required checked`);
  });

  test('can be asked for by HEAD and sets no cookie', async () => {
    const acme = await server.createOrganization();
    const { path } = await addOffer(server, acme);
    const head = await server.request(path, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    for (const reply of [head, await server.request(path)]) expect(reply.headers['set-cookie']).toBeUndefined();
  });
});

describe('signing up', () => {
  test('makes the user, gives the seat, notes the consent, and shows the join link', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    const before = server.clock.now();

    const page = await sendForm(server, offer, { firstName: ' Ada ', email: ' Ada@Example.com ' });

    expect(page.status).toBe(200);
    expect(page.text).toContain('You have a seat');
    const [seat] = await seats(acme, offer.sessions[0]?.id ?? '');
    expect(joinLinkOn(page)).toBe(`${server.address}/join/${seat?.join_token}`);
    expect(seat?.consented_at).toBe(before);
    const user = await userNamed(acme, 'ada@example.com');
    expect(user).toEqual({
      id: seat?.user_id,
      firstName: 'Ada',
      lastName: 'Lovelace',
      email: 'ada@example.com',
      active: true,
      remoteId: null,
    });
    const events = await listEventsAfter(acme.id, server.database.reader, 0, 100);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['users.created', 'registration.created']));
    expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
  });

  test('twice with the same form gives the same seat, also when it was the last', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [1] });
    const email = 'ada@example.com';
    const [one, other] = await Promise.all([sendForm(server, offer, { email }), sendForm(server, offer, { email })]);
    const third = await sendForm(server, offer, { email: 'ADA@example.com' });
    expect(joinLinkOn(one)).not.toBe(null);
    expect(joinLinkOn(other)).toBe(joinLinkOn(one));
    expect(joinLinkOn(third)).toBe(joinLinkOn(one));
    expect(await seats(acme, offer.sessions[0]?.id ?? '')).toHaveLength(1);
    expect((await readPage(acme)).total).toBe(1);
  });

  test('of a hundred people at once for one last seat gives it to exactly one', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [3] });
    const session = offer.sessions[0]?.id ?? '';
    await fillSession(server, acme, session, 2);

    const pages = await Promise.all(
      Array.from({ length: 100 }, (_, index) => sendForm(server, offer, { email: `p${index}@example.com` })),
    );

    const statuses = pages.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 99 }, () => 409)]);
    expect(pages.filter((page) => joinLinkOn(page) !== null)).toHaveLength(1);
    expect(pages.find(({ status }) => status === 409)?.text).toContain('No seats left');
    expect(await seats(acme, session)).toHaveLength(3);
    // Nobody is taken into the roster for nothing.
    expect((await readPage(acme)).total).toBe(3);
  });

  test('without the fields that are needed says which, and keeps those that were filled in', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [6, 6] });
    const page = await sendForm(server, offer, {
      session: null,
      firstName: '',
      lastName: 'King',
      email: 'ada@',
      consent: null,
    });
    expect(page.status).toBe(422);
    const summary = [...page.text.matchAll(/<li><a href="#([a-zA-Z]+)">([^<]+)<\/a>/g)].map(([, id, text]) => [
      id,
      text,
    ]);
    expect(summary).toEqual([
      ['session', 'Choose a session.'],
      ['firstName', 'Enter your first name.'],
      ['email', 'Enter a valid email address, such as name@example.com.'],
      ['consent', 'Tick the box to agree.'],
    ]);
    for (const [id] of summary) expect(page.text).toMatch(new RegExp(`<input[^>]* id="${id}"`));
    expect(page.text).toContain('name="lastName" type="text" value="King"');
    expect(page.text).toContain('value="ada@"');
    expect(page.text).toMatch(/<input id="email"[^>]* aria-invalid="true" aria-describedby="email-fault"/);
    expect((await readPage(acme)).total).toBe(0);
  });

  test('into a session that filled up meanwhile says so, keeps the form, and offers the others', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [1, 6] });
    await fillSession(server, acme, offer.sessions[0]?.id ?? '', 1);
    const page = await sendForm(server, offer, { firstName: 'Grace' });
    expect(page.status).toBe(409);
    expect(page.text).toContain('This session is full by now. Choose another.');
    expect(page.text).toContain('value="Grace"');
    expect(joinLinkOn(page)).toBe(null);
  });

  test.each(['begun', 'cancelled', 'another cluster’s', 'made up'])(
    'into a session that is %s is refused, and the others are offered',
    async (kind) => {
      await using own = await startTestServer();
      const acme = await own.createOrganization();
      const offer = await addOffer(own, acme, { capacities: [6, 6] });
      const other = await addOffer(own, acme);
      let session = offer.sessions[0]?.id ?? '';
      if (kind === 'begun') own.clock.set(offer.sessions[0]?.scheduledStartAt ?? 0);
      if (kind === 'cancelled') await cancelSession(contextOf(own), acme.id, session);
      if (kind === 'another cluster’s') session = other.sessions[0]?.id ?? '';
      if (kind === 'made up') session = "' or 1=1 --";
      const page = await sendForm(own, offer, { session });
      expect(page.status).toBe(409);
      expect(page.text).toContain('This session takes nobody any more. Choose another.');
      expect(page.text).toContain(offer.sessions[1]?.id);
      expect((await readPage(acme)).total).toBe(0);
    },
  );

  test('with the field filled in that only programs see is refused', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    const page = await sendForm(server, offer, { subject: 'Cheap watches' });
    expect(page.status).toBe(422);
    expect((await readPage(acme)).total).toBe(0);
    // A person whose browser did it only has to send the form again.
    expect(page.text).not.toContain('Cheap watches');
  });
});

describe('who is known to the organization', () => {
  test('does not show: a known address gets the same page, and its user stays as it was', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [9] });
    const known = { firstName: 'Augusta', lastName: 'King', email: 'ada@example.com', remoteId: 'E1' };
    await upsertUsers(acme, known);

    const pages = [
      await sendForm(server, offer, { firstName: 'X', lastName: 'Y', email: 'ada@example.com' }),
      await sendForm(server, offer, { firstName: 'X', lastName: 'Y', email: 'new@example.com' }),
    ];

    const [one, other] = pages.map((page) => page.text.replaceAll(/join(\/|%2F)[\w.-]+/g, 'join/LINK'));
    expect(one).toBe(other);
    expect(pages[0]?.text).not.toMatch(/Augusta|King/);
    expect(await userNamed(acme, 'ada@example.com')).toMatchObject(known);
  });

  test('does not show: a deactivated user and an untrusted address are refused in the same words', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    const offer = await addOffer(server, acme, { capacities: [6, 6] });
    await upsertUsers(acme, { email: 'gone@example.com', active: false });

    const pages = [
      await sendForm(server, offer, { email: 'gone@example.com' }),
      await sendForm(server, offer, { email: 'gone@example.org' }),
    ];

    const [one, other] = pages.map(({ text }) => text.replaceAll(/gone@example\.\w+/g, 'ADDRESS'));
    expect(pages.map(({ status }) => status)).toEqual([422, 422]);
    expect(one).toBe(other);
    expect(one).toContain('This address cannot be signed up here.');
    expect(await seats(acme, offer.sessions[0]?.id ?? '')).toEqual([]);
  });

  test('does not help an address outside the trusted domains, even one that the organization knows', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme);
    await upsertUsers(acme, { email: 'old@example.org' });
    await changeSettings(server, acme, { trustedDomains: ['example.com'] });
    expect((await sendForm(server, offer, { email: 'old@example.org' })).status).toBe(422);
    expect((await sendForm(server, offer, { email: 'new@example.com' })).status).toBe(200);
  });
});

describe('a form that nobody wrote', () => {
  test.each([
    ['nothing', ''],
    ['no form', '{"session":1}'],
    ['bytes that are no text', '%ff%fe=%c3%28&firstName=%00%0d%0a'],
    ['names of objects', '__proto__=1&constructor=2&session=__proto__&email=toString'],
    ['each field twice', 'session=a&session=b&email=x&email=y&firstName=1&firstName=2'],
    ['a thousand fields', Array.from({ length: 1_000 }, (_, index) => `f${index}=x`).join('&')],
  ])('made of %s is answered with the form again', async (_kind, body) => {
    const acme = await server.createOrganization();
    const { path } = await addOffer(server, acme);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const page = await server.request(path, { method: 'POST', headers, body });
    expect([page.status, page.headers['content-type']]).toEqual([422, 'text/html; charset=utf-8']);
    expect((await readPage(acme)).total).toBe(0);
  });

  test('whatever its fields hold, is read or refused, and never an error of ours', async () => {
    const acme = await server.createOrganization();
    const offer = await addOffer(server, acme, { capacities: [9, 1] });
    await fillSession(server, acme, offer.sessions[1]?.id ?? '', 1);
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'grapheme' }),
      fc.constant(null),
    );
    const mostly = (...good: string[]) =>
      fc.oneof({ arbitrary: fc.constantFrom(...good), weight: 6 }, { arbitrary: text, weight: 1 });
    const fields = fc.record({
      session: mostly(...offer.sessions.map(({ id }) => id)),
      firstName: mostly('Ada', 'Ωmega', '李'),
      lastName: mostly('Lovelace', 'd’Arc'),
      email: mostly('ada@example.com', 'bob@bücher.example'),
      consent: mostly('yes'),
      subject: mostly(''),
      zone: mostly('Europe/Berlin', 'Etc/GMT+14', '+05:30'),
      host: mostly('https://intranet.example.com', 'javascript:1', 'http://', 'null'),
    });
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fields, async (filled) => {
        const page = await sendForm(server, offer, filled);
        statuses.add(page.status);
        expect([200, 409, 422]).toContain(page.status);
        expect(page.text).toMatch(/<\/html>\s*$/);
      }),
      { numRuns: 300 },
    );
    expect([...statuses].sort()).toEqual([200, 409, 422]);
  });

  test('of another kind, or too long, is refused with a page', async () => {
    const acme = await server.createOrganization();
    const { path } = await addOffer(server, acme);
    const headers = { 'content-type': 'text/plain' };
    expect((await server.request(path, { method: 'POST', headers, body: 'x' })).status).toBe(415);
    const long = await postForm(server, path, { firstName: 'x'.repeat(20_000) });
    expect([long.status, long.headers['content-type']]).toEqual([413, 'text/html; charset=utf-8']);
  });
});
