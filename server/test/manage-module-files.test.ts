import type { Module } from '@rollcall/contract/manage/module-shapes.ts';
import { afterAll, expect, test } from 'vitest';
import { expectError, expectIssues } from './support/errors.ts';
import { createManager, createModule, dataOf, walk } from './support/manage.ts';
import { startTestServer } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const YAML = { 'content-type': 'application/yaml' };
const MARKDOWN = { 'content-type': 'text/markdown; charset=utf-8' };

const tricky = {
  name: 'Réunions: “décider” & more',
  category: '- yes',
  description: '---\n# Not a heading\n\n"quoted": [text]',
  thumbnailUrl: 'https://pictures.example/a.png?b=c#d',
  duration: 45,
  steps: [
    { title: 'Welcome (5 min)', minutes: 5, prompt: '## Welcome (5 min)\n\n\\## escaped\n\n```\n---\n```' },
    { title: '# Pause', minutes: 15, prompt: '' },
  ],
};

/** What a module is apart from when and where it was made. */
function contentOf({ id: _id, createdAt: _created, updatedAt: _updated, ...content }: Module) {
  return content;
}

test('a module goes out as YAML or Markdown, as Accept wants, under a name of its own', async () => {
  const manager = await createManager(server);
  const { id } = await createModule(manager, tricky);
  for (const [accept, type, extension] of [
    [undefined, 'application/yaml', 'yaml'],
    ['application/yaml', 'application/yaml', 'yaml'],
    ['text/markdown', 'text/markdown', 'md'],
    ['text/markdown;q=0.5, application/yaml;q=0.4', 'text/markdown', 'md'],
    ['image/png', 'application/yaml', 'yaml'],
  ] as const) {
    const reply = await manager.get(`/modules/${id}/export`, accept === undefined ? {} : { accept });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, `${type}; charset=utf-8`]);
    const fileName = `reunions-decider-more.${extension}`;
    expect(reply.headers['content-disposition']).toBe(`attachment; filename="${fileName}"`);
    expect(reply.headers.vary).toBe('Accept');
  }
});

test('a name without a plain letter still gives a file name', async () => {
  const manager = await createManager(server);
  const { id } = await createModule(manager, { name: '会議' });
  const reply = await manager.get(`/modules/${id}/export`);
  expect(reply.headers['content-disposition']).toBe('attachment; filename="module.yaml"');
});

test('an exported file, imported again, makes a module with the same content', async () => {
  const manager = await createManager(server);
  const module = await createModule(manager, tricky);
  for (const [accept, headers] of [
    ['application/yaml', YAML],
    ['text/markdown', MARKDOWN],
  ] as const) {
    const file = await manager.get(`/modules/${module.id}/export`, { accept });
    const reply = await manager.post('/modules/import', file.text, headers);
    expect(reply.status).toBe(201);
    const copy = dataOf<Module>(reply);
    expect(reply.headers.location).toBe(`${server.address}/manage/v1/modules/${copy.id}`);
    expect(copy.id).not.toBe(module.id);
    expect(contentOf(copy)).toEqual(contentOf(module));
    const again = await manager.get(`/modules/${copy.id}/export`, { accept });
    expect(again.text).toBe(file.text);
  }
});

test('a file written by hand is taken in either form', async () => {
  const manager = await createManager(server);
  const yaml = 'name: Pairs\nduration: 20\nsteps:\n  - {title: Talk, minutes: 20, prompt: In pairs.}\n';
  const markdown = '---\nname: Pairs\nduration: 20\n---\n\n## Talk (20 min)\n\nIn pairs.\n';
  const first = dataOf<Module>(await manager.post('/modules/import', yaml, YAML));
  const second = dataOf<Module>(await manager.post('/modules/import', markdown, MARKDOWN));
  expect(contentOf(first)).toMatchObject({
    name: 'Pairs',
    category: '',
    thumbnailUrl: null,
    steps: [{ title: 'Talk', minutes: 20, prompt: 'In pairs.' }],
  });
  expect(contentOf(second)).toEqual(contentOf(first));
});

test('a picture can be one that the server has, by its file name', async () => {
  const manager = await createManager(server);
  const yaml = 'name: Pairs\nduration: 20\nthumbnail: giving-feedback.svg\n';
  const module = dataOf<Module>(await manager.post('/modules/import', yaml, YAML));
  expect(module.thumbnailUrl).toBe(`${server.address}/thumbnails/giving-feedback.svg`);
  expect((await server.request('/thumbnails/giving-feedback.svg')).status).toBe(200);
});

test('a faulty file makes nothing and is told where its faults are', async () => {
  const manager = await createManager(server);
  const yaml =
    'name: Pairs\nduration: 0\ncolour: red\nsteps:\n  - title: Talk\n    minutes: 5\n    prompt: "a\\u0000"\n';
  expect(expectIssues(await manager.post('/modules/import', yaml, YAML)).sort()).toEqual([
    '/colour: is an unknown field; check its spelling or leave it out',
    '/duration: must be at least 1',
  ]);
  const markdown = '---\nname: Pairs\nduration: 20\n---\n## Talk\n';
  expect(expectIssues(await manager.post('/modules/import', markdown, MARKDOWN))).toEqual([
    '/steps/0/minutes: is missing: write the heading on line 5 as "## Title (5 min)"',
  ]);
  expect(expectIssues(await manager.post('/modules/import', 'a: [', YAML))).toEqual([
    expect.stringMatching(/^: is not valid YAML: .*\(line 1, column 5\)$/),
  ]);
  expect(expectIssues(await manager.post('/modules/import', Buffer.from([0x61, 0xff]), YAML))).toEqual([
    ': is not valid UTF-8; encode the text in UTF-8',
  ]);
  expect(expectIssues(await manager.post('/modules/import', '', YAML))).toEqual([': is empty']);
  expect(await walk(manager, '/modules', 50)).toEqual([]);
});

test('a file of another type, in another encoding or too large is refused as such', async () => {
  const manager = await createManager(server);
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'text/markdown2']) {
    const error = expectError(
      await manager.post('/modules/import', '{"name":"A","duration":5}', { 'content-type': type }),
      'unsupported_media_type',
    );
    expect(error.message).toContain('application/yaml');
  }
  const latin1 = { 'content-type': 'application/yaml; charset=iso-8859-1' };
  expectError(await manager.post('/modules/import', 'name: A\nduration: 5', latin1), 'unsupported_media_type');
  const coded = { ...YAML, 'content-encoding': 'gzip' };
  expectError(await manager.post('/modules/import', 'name: A\nduration: 5', coded), 'unsupported_media_type');
  const large = `name: A\nduration: 5\n#${'x'.repeat(524_288)}`;
  expectError(await manager.post('/modules/import', large, YAML), 'payload_too_large');
  expectError(await manager.post('/modules', 'name: A\nduration: 5', YAML), 'unsupported_media_type');
});
