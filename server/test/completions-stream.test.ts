import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { CompletionList } from '@rollcall/contract/completions.ts';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { expectError } from './support/errors.ts';
import { addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const PATH = '/v1/completions';
const START = Date.parse('2024-01-01T00:00:00Z');

/** An organization with this many completions, an hour apart; a long description makes their stream a long one. */
async function organizationWith(
  count: number,
  descriptionLength = 100,
  text: 'plain' | 'random' = 'plain',
): Promise<[TestOrganization, string[]]> {
  const organization = await server.createOrganization();
  const module = {
    id: START.toString(),
    name: 'M',
    category: 'C',
    thumbnailUrl: null,
    description: '',
    duration: 60,
  };
  const describeModule = () =>
    text === 'plain' ? 'd'.repeat(descriptionLength) : randomBytes((descriptionLength * 3) / 4).toString('base64');
  const records = Array.from({ length: count }, (_, index) =>
    completionRecord({
      module: { ...module, description: describeModule() },
      startAt: new Date(START + index * 3_600_000).toISOString(),
    }),
  );
  await addCompletions(server, organization, records);
  return [organization, records.map((record) => record.id)];
}

/** 8 MB: longer than what the sockets of both sides hold (5.6 MB measured), so that it cannot leave at once. */
const organizationWithLongStream = () => organizationWith(320, 25_000);

/** Sends a request for completions; gives the request itself, to be cut off, and its answer as soon as it begins. */
function open({ key }: TestOrganization, headers = {}): { request: ClientRequest; response: Promise<IncomingMessage> } {
  const request = httpRequest(server.address + PATH, { agent: false, headers: { 'x-api-key': key, ...headers } });
  const response = once(request, 'response').then(([message]) => message as IncomingMessage);
  request.on('error', () => {});
  response.catch(() => {});
  request.end();
  return { request, response };
}

async function openAndRead(organization: TestOrganization, headers = {}) {
  const { request, response } = open(organization, headers);
  const message = await response;
  await once(message, 'readable');
  return { request, message };
}

const idsOf = (text: string) => (JSON.parse(text) as CompletionList).map((completion) => completion.id);

describe('a thousand completions', () => {
  test('come whole, each once, in order, as valid JSON', async () => {
    const [acme, ids] = await organizationWith(1_000);
    const reply = await acme.get(PATH);
    expect(reply.headers['transfer-encoding']).toBe('chunked');
    expect(idsOf(reply.text)).toEqual(ids);
  });

  test('come whole as NDJSON, as CSV and compressed', async () => {
    const [acme, ids] = await organizationWith(1_000);
    const ndjson = await acme.get(PATH, { accept: 'application/x-ndjson' });
    expect(idsOf(`[${ndjson.text.trimEnd().replaceAll('\n', ',')}]`)).toEqual(ids);
    const csv = await acme.get(PATH, { accept: 'text/csv' });
    expect((parse(csv.bytes, { columns: true }) as { id: string }[]).map((record) => record.id)).toEqual(ids);
    const gzip = await acme.get(PATH, { 'accept-encoding': 'gzip' });
    expect(idsOf(gunzipSync(gzip.bytes).toString())).toEqual(ids);
  });

  test.each([1, 127, 128, 129, 256, 257])('or %i, wherever a stretch of reading ends', async (count) => {
    const [acme, ids] = await organizationWith(count);
    expect(idsOf((await acme.get(PATH)).text)).toEqual(ids);
  });

  test('come whole to twenty readers at once', async () => {
    const [acme, ids] = await organizationWith(1_000);
    const replies = await Promise.all(Array.from({ length: 20 }, () => acme.get(PATH)));
    for (const reply of replies) expect(idsOf(reply.text)).toEqual(ids);
  });
});

describe('a long stream', () => {
  test('shows one moment: what is written meanwhile is in the next one', async () => {
    const [acme, ids] = await organizationWithLongStream();
    const { message } = await openAndRead(acme);
    const later = completionRecord({ startAt: '2099-01-01T00:00:00Z' });
    await addCompletions(server, acme, [later]);
    const text = (await buffer(message)).toString();
    expect(idsOf(text)).toEqual(ids);
    const changes = await acme.get(`${PATH}?changedSince=${message.headers['x-next-cursor']}`);
    expect(idsOf(changes.text)).toEqual([later.id]);
  });

  test('lets other requests be answered while its reader dawdles', async () => {
    const [acme] = await organizationWithLongStream();
    const { message } = await openAndRead(acme);
    expect((await acme.post('/v1/users/batch-upsert', { users: [{ remoteId: 'E1' }] })).status).toBe(200);
    expect((await acme.get('/v1/users')).text).toContain('"total":1');
    expect((await acme.get(`${PATH}?to=2024-01-01T01:00:00Z`)).json<CompletionList>()).toHaveLength(1);
    expect(message.complete).toBe(false);
    expect(idsOf((await buffer(message)).toString())).toHaveLength(320);
  });
});

describe('readers who hang up', () => {
  test.each([{}, { 'accept-encoding': 'gzip' }, { accept: 'text/csv' }])(
    'in the middle, 20 of them, leave room for the next: %j',
    async (headers) => {
      const [acme, ids] = await organizationWithLongStream();
      for (let reader = 0; reader < 20; reader++) {
        const { request } = await openAndRead(acme, headers);
        request.destroy();
      }
      expect(idsOf((await acme.get(PATH)).text)).toEqual(ids);
    },
  );

  test('before the first byte, 20 of them, leave room for the next', async () => {
    const [acme, ids] = await organizationWith(300);
    for (let reader = 0; reader < 20; reader++) {
      const { request } = open(acme);
      await once(request, 'finish');
      if (reader % 2 === 0) await acme.get('/v1/users?pageSize=1');
      request.destroy();
    }
    expect(idsOf((await acme.get(PATH)).text)).toEqual(ids);
  });

  test('while they wait for their turn do not keep the others from theirs', async () => {
    const [acme, ids] = await organizationWithLongStream();
    const readers = await Promise.all(Array.from({ length: 4 }, () => openAndRead(acme)));
    const waiting = Array.from({ length: 8 }, () => open(acme));
    await acme.get('/v1/users');
    const patient = acme.get(PATH);
    for (const { request } of [...waiting, ...readers]) request.destroy();
    expect(idsOf((await patient).text)).toEqual(ids);
  });
});

describe('readers who take their time', () => {
  test('hold up those of their own organization, who are told to come again, and nobody else', async () => {
    const [acme] = await organizationWithLongStream();
    const [other, ids] = await organizationWith(3);
    const slow = await Promise.all(Array.from({ length: 4 }, () => openAndRead(acme)));
    const waiting = Array.from({ length: 8 }, () => acme.get(PATH));
    expect(idsOf((await other.get(PATH)).text)).toEqual(ids);
    for (const reply of await Promise.all(waiting)) {
      expectError(reply, 'unavailable');
      expect(reply.headers['retry-after']).toBe('5');
    }
    for (const { request } of slow) request.destroy();
    expect(idsOf((await acme.get(PATH)).text)).toHaveLength(320);
  });

  test.each([{}, { 'accept-encoding': 'gzip' }])(
    'are cut off once they have taken nearly nothing for a minute, and leave room for the next: %j',
    async (headers) => {
      const [acme, ids] = await organizationWith(640, 25_000, 'random');
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      onTestFinished(() => void vi.useRealTimers());
      const slow = await Promise.all(Array.from({ length: 4 }, () => openAndRead(acme, headers)));
      // Some minutes: in the first ones the sockets of both sides still fill up.
      for (let minute = 0; minute < 20; minute++) {
        await sleep(50);
        vi.advanceTimersByTime(60_000);
      }
      for (const { message } of slow) await expect(buffer(message)).rejects.toThrow('aborted');
      expect(idsOf((await acme.get(PATH)).text)).toEqual(ids);
    },
  );
});

describe('a fault in the middle', () => {
  async function spoil({ id }: TestOrganization, completionId: string | undefined): Promise<void> {
    await server.database.transaction(null, (transaction) =>
      transaction.kysely
        .updateTable('completions')
        .set({ document: 'not JSON' })
        .where('organization_id', '=', id)
        .where('id', '=', completionId as string)
        .execute(),
    );
  }

  test.each([{}, { 'accept-encoding': 'gzip' }, { 'accept-encoding': 'br' }])(
    'breaks the connection, so that nobody takes the part for the whole: %j',
    async (headers) => {
      const [acme, ids] = await organizationWith(600, 1_000);
      await spoil(acme, ids[500]);
      for (let reader = 0; reader < 10; reader++) {
        await expect(acme.get(PATH, { accept: 'text/csv', ...headers })).rejects.toThrow(
          /aborted|ECONNRESET|socket hang up/,
        );
      }
      expect(idsOf((await acme.get(`${PATH}?to=2024-01-02T00:00:00Z`)).text)).toHaveLength(24);
    },
  );
});

test('a request for the headers alone takes no snapshot', async () => {
  const [acme] = await organizationWith(1);
  for (let round = 0; round < 20; round++) {
    const reply = await server.request(PATH, { method: 'HEAD', key: acme.key });
    expect([reply.status, reply.text]).toEqual([200, '']);
  }
  expect((await acme.get(PATH)).json<CompletionList>()).toHaveLength(1);
});
