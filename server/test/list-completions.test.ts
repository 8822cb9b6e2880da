import { hash } from 'node:crypto';
import type { Completion, CompletionList } from '@rollcall/contract/completions.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectIssues } from './support/errors.ts';
import { addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function listed(organization: TestOrganization, query = ''): Promise<CompletionList> {
  const reply = await organization.get(`/v1/completions?${query}`);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return reply.json<CompletionList>();
}

async function listedIds(organization: TestOrganization, query = ''): Promise<string[]> {
  return (await listed(organization, query)).map((completion) => completion.id);
}

const attended = {
  id: '26b8dec5-73b9-4a79-8648-f0c70611608a',
  remoteUserId: 'E1001',
  clusterId: '034c75b6-226a-4f5e-842f-f02e06821724',
  module: {
    id: '269e82f6-a181-4db5-8346-d1e85c2a3165',
    name: 'Giving feedback that lands',
    category: 'Communication',
    thumbnailUrl: 'https://rollcall.example.com/thumbnails/giving-feedback.svg',
    description: 'Say what you saw.',
    duration: 60,
  },
};

describe('the answer', () => {
  test('is a bare array, members in the reference’s order and its figures from the same facts', async () => {
    const acme = await server.createOrganization();
    await addCompletions(server, acme, [completionRecord(attended)]);
    const reply = await acme.get('/v1/completions');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const fields =
      '"id":"26b8dec5-73b9-4a79-8648-f0c70611608a","remoteUserId":"E1001","clusterId":"034c75b6-226a-4f5e-842f-f02e06821724",' +
      '"moduleId":"269e82f6-a181-4db5-8346-d1e85c2a3165","moduleName":"Giving feedback that lands","moduleCategory":"Communication",' +
      '"moduleThumbnailUrl":"https://rollcall.example.com/thumbnails/giving-feedback.svg","moduleDescription":"Say what you saw.",' +
      '"duration":60,"attended":true,"sessionScheduledStartAt":"2024-06-15T14:00:00Z","sessionScheduledEndAt":"2024-06-15T15:00:00Z",' +
      '"participantFirstVisitedAt":"2024-06-15T14:02:00Z","participantLastVisitedAt":"2024-06-15T14:55:00Z",' +
      '"timeInSessionMins":53,"stepsVisited":8,"totalSteps":10,"percentageStepsVisited":80';
    const digest = hash('sha256', `{${fields}}`, 'hex').slice(0, 12);
    expect(reply.text).toBe(`[{${fields},"hash":"${digest}"}]`);
  });

  test('shows a no-show without a remoteId by false, nulls and zeros', async () => {
    const acme = await server.createOrganization();
    await addCompletions(server, acme, [completionRecord({ visit: null, totalSteps: 10 })]);
    expect(await listed(acme)).toMatchObject([
      {
        remoteUserId: null,
        attended: false,
        moduleThumbnailUrl: null,
        participantFirstVisitedAt: null,
        participantLastVisitedAt: null,
        timeInSessionMins: 0,
        stepsVisited: 0,
        totalSteps: 10,
        percentageStepsVisited: 0,
        hash: expect.stringMatching(/^[0-9a-f]{12}$/),
      },
    ]);
  });

  test('of an organization without completions is an empty array', async () => {
    const acme = await server.createOrganization();
    expect((await acme.get('/v1/completions')).text).toBe('[]');
  });

  test('has nothing of another organization', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    await addCompletions(server, other, [completionRecord()]);
    expect(await listed(acme)).toEqual([]);
  });
});

describe('the order', () => {
  test('is by scheduled start, then id, whatever the order of writing', async () => {
    const acme = await server.createOrganization();
    const starts = [
      '2024-06-15T14:00:00Z',
      '1969-12-31T23:00:00Z',
      '2024-06-15T14:00:00Z',
      '2031-01-01T00:00:00Z',
      '2024-06-15T13:59:59Z',
      '2024-06-15T14:00:00Z',
    ];
    const records = starts.map((startAt) => completionRecord({ startAt }));
    for (const record of records) await addCompletions(server, acme, [record]);
    const expected = records
      .toSorted((a, b) => a.scheduledStartAt - b.scheduledStartAt || (a.id < b.id ? -1 : 1))
      .map((record) => record.id);
    expect(await listedIds(acme)).toEqual(expected);
  });
});

describe('from and to', () => {
  async function organizationWithThree(): Promise<[TestOrganization, string[]]> {
    const acme = await server.createOrganization();
    const starts = ['2024-06-01T08:00:00Z', '2024-06-15T14:00:00Z', '2024-07-01T00:00:00Z'];
    const records = starts.map((startAt) => completionRecord({ startAt }));
    await addCompletions(server, acme, records);
    return [acme, records.map((record) => record.id)];
  }

  test('are compared with the scheduled start: from inclusive, to exclusive', async () => {
    const [acme, [first, second, third]] = await organizationWithThree();
    expect(await listedIds(acme, 'from=2024-06-01T08:00:00Z')).toEqual([first, second, third]);
    expect(await listedIds(acme, 'from=2024-06-01T08:00:00.001Z')).toEqual([second, third]);
    expect(await listedIds(acme, 'to=2024-07-01T00:00:00Z')).toEqual([first, second]);
    expect(await listedIds(acme, 'to=2024-07-01T00:00:00.001Z')).toEqual([first, second, third]);
    expect(await listedIds(acme, 'from=2024-06-15T14:00:00Z&to=2024-07-01T00:00:00Z')).toEqual([second]);
    expect(await listedIds(acme, 'from=2024-06-15T14:00:01Z&to=2024-06-30T00:00:00Z')).toEqual([]);
  });

  test('not with the end, nor with the visits', async () => {
    const acme = await server.createOrganization();
    await addCompletions(server, acme, [completionRecord({ startAt: '2024-06-15T14:00:00Z' })]);
    expect(await listedIds(acme, 'from=2024-06-15T14:01:00Z&to=2024-06-15T16:00:00Z')).toEqual([]);
  });

  test('are moments, whatever their offset', async () => {
    const [acme, [, second]] = await organizationWithThree();
    expect(await listedIds(acme, 'from=2024-06-15T19:30:00%2B05:30&to=2024-06-15T07:00:01-07:00')).toEqual([second]);
  });

  test('of consecutive spans neither overlap nor leave a gap', async () => {
    const [acme, ids] = await organizationWithThree();
    const edges = [
      '0000-01-01T00:00:00Z',
      '2024-06-01T08:00:00Z',
      '2024-06-15T14:00:00Z',
      '2024-07-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
    ];
    const found: string[] = [];
    for (const [index, to] of edges.slice(1).entries()) {
      found.push(...(await listedIds(acme, `from=${edges[index]}&to=${to}`)));
    }
    expect(found).toEqual(ids);
  });
});

describe('filters', () => {
  test('by cluster and by remote user id leave only those, each alone and together with a span', async () => {
    const acme = await server.createOrganization();
    const clusterId = '5b62a3de-0efd-4bad-bd10-eb7941ff8a2e';
    const [a, b, c, d] = [
      completionRecord({ clusterId, remoteUserId: 'E1', startAt: '2024-06-01T08:00:00Z' }),
      completionRecord({ clusterId, remoteUserId: 'E2', startAt: '2024-06-02T08:00:00Z' }),
      completionRecord({ remoteUserId: 'E1', startAt: '2024-06-03T08:00:00Z' }),
      completionRecord({ clusterId, startAt: '2024-06-04T08:00:00Z' }),
    ] as const;
    await addCompletions(server, acme, [a, b, c, d]);
    expect(await listedIds(acme, `clusterId=${clusterId}`)).toEqual([a.id, b.id, d.id]);
    expect(await listedIds(acme, `clusterId=${clusterId.toUpperCase()}`)).toEqual([a.id, b.id, d.id]);
    expect(await listedIds(acme, 'remoteUserId=E1')).toEqual([a.id, c.id]);
    expect(await listedIds(acme, `remoteUserId=E1&clusterId=${clusterId}`)).toEqual([a.id]);
    expect(await listedIds(acme, 'remoteUserId=E1&from=2024-06-01T08:00:01Z')).toEqual([c.id]);
    expect(await listedIds(acme, `clusterId=${clusterId}&to=2024-06-04T08:00:00Z&from=2024-06-02T08:00:00Z`)).toEqual([
      b.id,
    ]);
  });

  test('that fit nothing give an empty array', async () => {
    const acme = await server.createOrganization();
    await addCompletions(server, acme, [completionRecord({ remoteUserId: 'E1' })]);
    expect(await listedIds(acme, 'remoteUserId=E')).toEqual([]);
    expect(await listedIds(acme, 'remoteUserId=e1')).toEqual([]);
    expect(await listedIds(acme, 'clusterId=00000000-0000-0000-0000-000000000000')).toEqual([]);
  });

  test.each([
    ['clusterId=7', 'clusterId: must be a UUID'],
    ['clusterId=5b62a3de0efd4badbd10eb7941ff8a2e', 'clusterId: must be a UUID'],
    ['remoteUserId=', 'remoteUserId: must not be empty'],
    ['userId=E1', 'userId: is unknown; known are: from, to, clusterId, remoteUserId, changedSince'],
    ['page=1', 'page: is unknown'],
    ['remoteUserId=a&remoteUserId=b', 'remoteUserId: is given more than once'],
  ])('that are not as the reference says are refused: %s', async (query, issue) => {
    const acme = await server.createOrganization();
    expect(expectIssues(await acme.get(`/v1/completions?${query}`))).toEqual([expect.stringContaining(issue)]);
  });
});

describe('a hash', () => {
  test('is the same for the same facts and another as soon as one of them differs', async () => {
    const acme = await server.createOrganization();
    const { module } = attended;
    const variants = [
      attended,
      attended,
      { ...attended, id: '26b8dec5-73b9-4a79-8648-f0c70611608b' },
      { ...attended, remoteUserId: null },
      { ...attended, clusterId: '034c75b6-226a-4f5e-842f-f02e06821725' },
      { ...attended, module: { ...module, name: 'Giving feedback' } },
      { ...attended, module: { ...module, thumbnailUrl: null } },
      { ...attended, visit: null },
      { ...attended, totalSteps: 11 },
      { ...attended, startAt: '2024-06-15T14:00:01Z' },
    ];
    const hashes: string[] = [];
    for (const variant of variants) {
      await addCompletions(server, acme, [completionRecord({ ...variant, registrationId: 'the same' })]);
      hashes.push(((await listed(acme)) as [Completion])[0].hash);
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(new Set(hashes).size).toBe(variants.length - 1);
  });
});
