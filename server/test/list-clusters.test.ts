import type { ClusterList } from '@rollcall/contract/clusters.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { addCluster, addModule } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function listed(organization: TestOrganization, query = ''): Promise<string[]> {
  const reply = await organization.get(`/v1/clusters?${query}`);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  const { items, total } = reply.json<ClusterList>().data;
  expect(total).toBe(items.length);
  return items.map((cluster) => cluster.clusterId);
}

async function archive({ id }: TestOrganization, clusterId: string): Promise<void> {
  await server.database.transaction(null, (transaction) =>
    transaction.kysely
      .updateTable('clusters')
      .set({ archived_at: server.clock.now() })
      .where('organization_id', '=', id)
      .where('id', '=', clusterId)
      .execute(),
  );
}

describe('the answer', () => {
  test('is the reference’s to the letter, without an error member', async () => {
    const acme = await server.createOrganization();
    const feedback = await addModule(server, acme, {
      name: 'Giving feedback that lands',
      category: 'Communication',
      description: 'Say what you saw, and “what it did”.',
      thumbnailUrl: 'https://rollcall.example.com/thumbnails/giving-feedback.svg',
      durationMinutes: 60,
    });
    const meetings = await addModule(server, acme, { name: 'Meetings', thumbnailUrl: null, durationMinutes: 45 });
    const open = await addCluster(server, acme, { module: feedback, selfRegistration: true });
    server.clock.advance(1);
    const closed = await addCluster(server, acme, { module: meetings, selfRegistration: false });
    const reply = await acme.get('/v1/clusters');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const iframe = `<iframe src=\\"${server.address}/embed/${acme.slug}/${open}\\" width=\\"100%\\" height=\\"100%\\"></iframe>`;
    expect(reply.text).toBe(
      `{"success":true,"data":{"items":[` +
        `{"clusterId":"${open}","moduleId":"${feedback.id}","moduleName":"Giving feedback that lands","moduleCategory":"Communication","moduleThumbnailUrl":"https://rollcall.example.com/thumbnails/giving-feedback.svg","moduleDescription":"Say what you saw, and “what it did”.","duration":60,"iframeCode":"${iframe}"},` +
        `{"clusterId":"${closed}","moduleId":"${meetings.id}","moduleName":"Meetings","moduleCategory":"Collaboration","moduleThumbnailUrl":null,"moduleDescription":"Find out together what makes a meeting end with a decision.","duration":45}` +
        `],"total":2}}`,
    );
  });

  test('of an organization without clusters is empty', async () => {
    const acme = await server.createOrganization();
    expect((await acme.get('/v1/clusters')).text).toBe('{"success":true,"data":{"items":[],"total":0}}');
  });

  test('has nothing of another organization', async () => {
    const acme = await server.createOrganization();
    const other = await server.createOrganization();
    await addCluster(server, other);
    const own = await addCluster(server, acme);
    expect(await listed(acme)).toEqual([own]);
  });
});

describe('iframeCode', () => {
  test('is there with self-registration only, and then a form of this server that can be pasted', async () => {
    const acme = await server.createOrganization();
    const open = await addCluster(server, acme, { selfRegistration: true });
    await addCluster(server, acme, { selfRegistration: false });
    const { items } = (await acme.get('/v1/clusters')).json<ClusterList>().data;
    const codes = Object.fromEntries(items.map((cluster) => [cluster.clusterId, cluster.iframeCode]));
    expect(codes[open]).toBe(
      `<iframe src="${server.address}/embed/${acme.slug}/${open}" width="100%" height="100%"></iframe>`,
    );
    expect(items.filter((cluster) => 'iframeCode' in cluster)).toHaveLength(1);
  });

  test('names the public address where there is one', async () => {
    await using behindProxy = await startTestServer({ environment: { PUBLIC_URL: 'https://rollcall.example.com/' } });
    const acme = await behindProxy.createOrganization();
    const id = await addCluster(behindProxy, acme, { selfRegistration: true });
    const { items } = (await acme.get('/v1/clusters')).json<ClusterList>().data;
    expect(items[0]?.iframeCode).toBe(
      `<iframe src="https://rollcall.example.com/embed/${acme.slug}/${id}" width="100%" height="100%"></iframe>`,
    );
  });
});

describe('the list', () => {
  test('is in order of creation, all in one answer', async () => {
    const acme = await server.createOrganization();
    const module = await addModule(server, acme);
    const times = Array.from({ length: 250 }, (_, index) => (index * 97) % 250);
    const ids: string[] = [];
    for (const time of times) {
      ids[time] = await addCluster(server, acme, { module, createdAt: Date.parse('2024-01-01T00:00:00Z') + time });
    }
    expect(await listed(acme)).toEqual(ids);
  });

  test('leaves archived clusters out, whether from and to are given or not', async () => {
    const acme = await server.createOrganization();
    const kept = await addCluster(server, acme);
    await archive(acme, await addCluster(server, acme));
    expect(await listed(acme)).toEqual([kept]);
    expect(await listed(acme, 'from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z')).toEqual([kept]);
  });
});

describe('from and to', () => {
  const moments = ['2024-06-01T00:00:00.000Z', '2024-06-15T12:00:00.000Z', '2024-07-01T00:00:00.000Z'];

  async function organizationWithThree(): Promise<[TestOrganization, string[]]> {
    const acme = await server.createOrganization();
    const ids: string[] = [];
    for (const moment of moments) ids.push(await addCluster(server, acme, { createdAt: Date.parse(moment) }));
    return [acme, ids];
  }

  test('list a cluster if from <= createdAt < to', async () => {
    const [acme, [first, second, third]] = await organizationWithThree();
    expect(await listed(acme, 'from=2024-06-01T00:00:00Z')).toEqual([first, second, third]);
    expect(await listed(acme, 'from=2024-06-01T00:00:00.001Z')).toEqual([second, third]);
    expect(await listed(acme, 'to=2024-07-01T00:00:00Z')).toEqual([first, second]);
    expect(await listed(acme, 'to=2024-07-01T00:00:00.001Z')).toEqual([first, second, third]);
    expect(await listed(acme, 'from=2024-06-15T12:00:00Z&to=2024-07-01T00:00:00Z')).toEqual([second]);
    expect(await listed(acme, 'from=2024-06-15T12:00:00Z&to=2024-06-15T12:00:00.001Z')).toEqual([second]);
    expect(await listed(acme, 'from=2025-01-01T00:00:00Z')).toEqual([]);
  });

  test('of consecutive spans neither overlap nor leave a gap', async () => {
    const [acme, ids] = await organizationWithThree();
    const edges = [
      '2024-05-01T00:00:00Z',
      '2024-06-01T00:00:00Z',
      '2024-06-15T12:00:00Z',
      '2024-07-01T00:00:00Z',
      '2024-08-01T00:00:00Z',
    ];
    const found: string[] = [];
    for (const [index, edge] of edges.slice(1).entries())
      found.push(...(await listed(acme, `from=${edges[index]}&to=${edge}`)));
    expect(found).toEqual(ids);
  });

  test('are moments, whatever their offset', async () => {
    const [acme, [, second]] = await organizationWithThree();
    const span = 'from=2024-06-15T14:00:00%2B02:00&to=2024-06-15T07:00:01-05:00';
    expect(await listed(acme, span)).toEqual([second]);
  });
});
