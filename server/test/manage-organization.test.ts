import { manageOperations } from '@rollcall/contract/manage/manage.ts';
import type { Organization } from '@rollcall/contract/manage/organization.ts';
import type { BatchResult } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import { createManager } from './support/manage.ts';
import { storedEvents } from './support/rows.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

async function upsert(organization: TestOrganization, email: string): Promise<string | undefined> {
  const reply = await organization.post('/v1/users/batch-upsert', { users: [{ email }] });
  return reply.json<BatchResult>().data.failed[0]?.error;
}

describe('the settings of an organization', () => {
  test('are those that it was made with', async () => {
    const manager = await createManager(server, { trustedDomains: ['acme.example'] });
    const reply = await manager.get('/organization');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const { slug } = manager.organization;
    expect(reply.json()).toEqual({
      success: true,
      data: {
        slug,
        name: `Organization ${slug}`,
        trustedDomains: ['acme.example'],
        embedOrigins: [],
        accentColor: null,
        syncLimit: { percent: 10, people: 10 },
        createdAt: '2026-03-04T09:30:15Z',
      },
      error: null,
    });
  });

  test('change by what a body names; the rest stays', async () => {
    const manager = await createManager(server, { trustedDomains: ['acme.example'] });
    const before = await manager.read<Organization>('/organization');
    const named = await manager.change<Organization>('/organization', { name: ' Acme Ltd ', accentColor: '#0A7F5A' });
    expect(named).toEqual({ ...before, name: 'Acme Ltd', accentColor: '#0a7f5a' });
    const embedded = await manager.change<Organization>('/organization', {
      embedOrigins: ['https://Intranet.Acme.example/', 'https://intranet.acme.example'],
    });
    expect(embedded).toEqual({ ...named, embedOrigins: ['https://intranet.acme.example'] });
    const free = await manager.change<Organization>('/organization', { trustedDomains: null, accentColor: null });
    expect(free).toEqual({ ...embedded, trustedDomains: null, accentColor: null });
    expect(await manager.read('/organization')).toEqual(free);
  });

  test('leave an event of what is now different, and none where nothing is', async () => {
    const manager = await createManager(server);
    await manager.change('/organization', { name: 'Acme Ltd' });
    await manager.change('/organization', { name: 'Acme Ltd', embedOrigins: [], trustedDomains: null });
    await manager.change('/organization', {});
    expect(await storedEvents(server, manager.organization)).toEqual([[1, 'organization.updated']]);
  });

  test('hold from the next request on: trusted domains keep others out, until they are lifted', async () => {
    const manager = await createManager(server);
    expect(await upsert(manager.organization, 'ada@elsewhere.example')).toBeUndefined();
    await manager.change('/organization', { trustedDomains: ['Bücher.example'] });
    expect(await upsert(manager.organization, 'ada@elsewhere.example')).toContain('trusted domains');
    expect(await upsert(manager.organization, 'ada@bücher.example')).toBeUndefined();
    await manager.change('/organization', { trustedDomains: null });
    expect(await upsert(manager.organization, 'grace@elsewhere.example')).toBeUndefined();
  });

  test('that are faulty are refused with every place, and nothing is changed', async () => {
    const manager = await createManager(server);
    const before = await manager.read('/organization');
    const faulty = await manager.patch('/organization', {
      name: 'New name',
      trustedDomains: ['acme.example', 'a@acme.example'],
      embedOrigins: ['https://intranet.acme.example/page'],
      accentColor: 'green',
    });
    expect(expectIssues(faulty)).toEqual([
      expect.stringMatching(/^\/trustedDomains\/1: is not a domain name/),
      expect.stringMatching(/^\/embedOrigins\/0: is not the origin of a site/),
      expect.stringMatching(/^\/accentColor: is no color/),
    ]);
    expect(expectIssues(await manager.patch('/organization', { trustedDomains: [], slug: 'x', name: null }))).toEqual(
      expect.arrayContaining([
        '/slug: is an unknown field; check its spelling or leave it out',
        '/name: must be a string, not null',
        '/trustedDomains: must have at least 1 item',
      ]),
    );
    expect(await manager.read('/organization')).toEqual(before);
  });
});

test.each(manageOperations)('$id needs a key, and of it the scope "manage"', async ({ method, path }) => {
  const organization = await server.createOrganization();
  const concrete = path.replaceAll(/\{\w+\}/g, '0b6f2a3e-6f0e-4c1b-9a55-0f3a1f2f4d11');
  expectError(await server.request(concrete, { method }), 'unauthorized');
  const error = expectError(await server.request(concrete, { method, key: organization.key }), 'forbidden');
  expect(error.metadata).toHaveProperty('scope', 'manage');
});

test('the description of the API is served as JSON and as YAML, with the address that the outside uses', async () => {
  await using behindProxy = await startTestServer({ environment: { PUBLIC_URL: 'https://rollcall.example.com' } });
  const json = await behindProxy.request('/manage/openapi.json');
  const yaml = await behindProxy.request('/manage/openapi.yaml');
  expect([json.status, yaml.status]).toEqual([200, 200]);
  const document = json.json<{ servers: unknown; paths: object; info: { title: string } }>();
  expect(document.servers).toEqual([{ url: 'https://rollcall.example.com' }]);
  expect(document.info.title).toBe('Rollcall Management API');
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/manage/v1/modules/{moduleId}']));
  expect(yaml.headers['content-type']).toContain('application/yaml');
  expect(yaml.text).toContain('title: Rollcall Management API');
  expect((await behindProxy.request('/manage/docs/')).text).toContain('Rollcall Management API');
});
