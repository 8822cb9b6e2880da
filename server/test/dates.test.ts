import { afterAll, describe, expect, test } from 'vitest';
import { expectIssues } from './support/errors.ts';
import { addCluster, addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** Every parameter that takes a date-time. */
const PARAMETERS = [
  ['/v1/clusters', 'from'],
  ['/v1/clusters', 'to'],
  ['/v1/completions', 'from'],
  ['/v1/completions', 'to'],
  ['/v1/users', 'updatedSince'],
] as const;

const FAULTS = [
  ['2024-06-15', 'has a date but no time; write for example 2024-06-15T00:00:00Z'],
  ['14:00:00Z', 'is not an RFC 3339 date-time'],
  ['2024-06-15T14:00:00', 'has no time zone'],
  ['2024-06-15T14:00', 'has no time zone'],
  ['2024-06-15T14:00Z', 'is not an RFC 3339 date-time'],
  ['2024-06-15 14:00:00Z', 'has a space between date and time'],
  ['2024-06-15T14:00:00 02:00', 'in a URL write "+" as %2B'],
  ['2024-06-15T14:00:00+0200', 'is not an RFC 3339 date-time'],
  ['2024-06-15T14:00:00+02', 'is not an RFC 3339 date-time'],
  ['2024-06-15T14:00:00+24:00', 'has an impossible offset'],
  ['2024-06-15T14:00:00-02:60', 'has an impossible offset'],
  ['2024-06-15T14:00:00Europe/Berlin', 'is not an RFC 3339 date-time'],
  ['2024-06-15T14:00:00.Z', 'is not an RFC 3339 date-time'],
  ['2024-06-15T14:00:00,5Z', 'is not an RFC 3339 date-time'],
  ['2023-02-29T00:00:00Z', 'has no such day as 29; that month has 28 days'],
  ['2024-02-30T00:00:00Z', 'has no such day as 30; that month has 29 days'],
  ['2100-02-29T00:00:00Z', 'has no such day as 29; that month has 28 days'],
  ['2024-04-31T00:00:00Z', 'has no such day as 31; that month has 30 days'],
  ['2024-01-32T00:00:00Z', 'has no such day as 32'],
  ['2024-01-00T00:00:00Z', 'has no such day as 0'],
  ['2024-13-01T00:00:00Z', 'has no such month as 13'],
  ['2024-00-01T00:00:00Z', 'has no such month as 0'],
  ['2024-06-15T24:00:00Z', 'has no such hour as 24'],
  ['2024-06-15T14:60:00Z', 'has no such minute as 60'],
  ['2024-06-15T14:00:61Z', 'has no such second as 61'],
  ['2024-06-15T14:00:60Z', 'leap second'],
  ['0000-01-01T00:00:00+00:01', 'lies outside the years 0000 to 9999'],
  ['24-06-15T14:00:00Z', 'is not an RFC 3339 date-time'],
  ['+002024-06-15T14:00:00Z', 'is not an RFC 3339 date-time'],
  ['1718460000', 'is not an RFC 3339 date-time'],
  ['Sat, 15 Jun 2024 14:00:00 GMT', 'is not an RFC 3339 date-time'],
  ['２０２４-06-15T14:00:00Z', 'is not an RFC 3339 date-time'],
  ['2024-06-15T14:00:00Z\n', 'is not an RFC 3339 date-time'],
  ['now', 'is not an RFC 3339 date-time'],
  ['', 'is empty'],
] as const;

describe.each(PARAMETERS)('%s?%s', (path, name) => {
  test.each(FAULTS)('refuses "%s" by its name, with the reason', async (text, reason) => {
    const acme = await server.createOrganization();
    const [issue, ...others] = expectIssues(await acme.get(`${path}?${name}=${encodeURIComponent(text)}`));
    expect(issue).toMatch(new RegExp(`^${name}: `));
    expect(issue).toContain(reason);
    expect(others).toEqual([]);
  });

  test.each(['%', '%zz', '%E0%A4%A', '%FF'])('refuses the undecodable "%s" by its name', async (text) => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get(`${path}?${name}=${text}`))).toEqual([
      `${name}: is not valid percent-encoded UTF-8`,
    ]);
  });

  test('is refused when given twice, the same or not', async () => {
    const acme = await server.createOrganization();
    const moment = `${name}=2024-06-15T14:00:00Z`;
    for (const second of [moment, `${name}=2025-01-01T00:00:00Z`]) {
      expect(expectIssues(await acme.get(`${path}?${moment}&${second}`))).toEqual([
        `${name}: is given more than once; give it once`,
      ]);
    }
  });

  test.each([
    '2024-06-15T14:00:00Z',
    '2024-06-15t14:00:00z',
    '2024-06-15T14:00:00.123456789Z',
    '2024-06-15T14:00:00%2B14:00',
    '2024-06-15T14:00:00-12:30',
    '2024-06-15T14:00:00-00:00',
    '2024-02-29T23:59:59Z',
    '2000-02-29T00:00:00Z',
    '2016-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2024%2D06%2D15T14%3A00%3A00Z',
  ])('takes %s', async (text) => {
    const acme = await server.createOrganization();
    expect((await acme.get(`${path}?${name}=${text}`)).status).toBe(200);
  });
});

describe.each(['/v1/clusters', '/v1/completions'])('a span of %s', (path) => {
  test.each([
    ['2024-06-15T14:00:00Z', '2024-06-15T14:00:00Z'],
    ['2024-06-15T14:00:00Z', '2024-06-15T13:59:59.999Z'],
    ['2024-06-15T14:00:00Z', '2024-06-15T16:00:00%2B02:00'],
    ['2024-06-15T14:00:00-01:00', '2024-06-15T14:30:00Z'],
  ])('from %s to %s is refused: to must be later', async (from, to) => {
    const acme = await server.createOrganization();
    for (const query of [`from=${from}&to=${to}`, `to=${to}&from=${from}`]) {
      expect(expectIssues(await acme.get(`${path}?${query}`))).toEqual(['to: must be later than "from"']);
    }
  });

  test('may be a millisecond, and may be given in either order', async () => {
    const acme = await server.createOrganization();
    const query = 'to=2024-06-15T14:00:00.001Z&from=2024-06-15T14:00:00Z';
    expect((await acme.get(`${path}?${query}`)).status).toBe(200);
  });

  test('lists both faults where both ends are wrong', async () => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get(`${path}?from=2024-02-30T00:00:00Z&to=2024-06-15`))).toEqual([
      expect.stringMatching(/^from: /),
      expect.stringMatching(/^to: /),
    ]);
  });

  test.each(['From', 'since', 'before', 'createdAt', 'to[]', '__proto__', 'constructor', 'ünïcödé'])(
    'has no parameter %s, and says which there are',
    async (name) => {
      const acme = await server.createOrganization();
      const query = `${encodeURIComponent(name)}=2024-06-15T14:00:00Z`;
      expect(expectIssues(await acme.get(`${path}?${query}`))).toEqual([
        expect.stringMatching(/^.+: is unknown; known are: from, to/),
      ]);
      expect(expectIssues(await acme.get(`${path}?${query}`))[0]).toContain(`${name}: `);
    },
  );
});

describe('times in answers', () => {
  test('are UTC, whole seconds and Z', async () => {
    const acme = await server.createOrganization();
    await addCluster(server, acme);
    await addCompletions(server, acme, [completionRecord({ startAt: '2024-06-15T16:30:00.750+02:00' })]);
    const { text } = await acme.get('/v1/completions');
    const times = [...text.matchAll(/At":"([^"]+)"/g)].map(([, time]) => time);
    expect(times).toEqual([
      '2024-06-15T14:30:00Z',
      '2024-06-15T15:30:00Z',
      '2024-06-15T14:32:00Z',
      '2024-06-15T15:25:00Z',
    ]);
  });
});
