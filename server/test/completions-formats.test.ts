import type { Completion, CompletionList } from '@rollcall/contract/completions.ts';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, test } from 'vitest';
import { addCompletions, completionRecord } from './support/facts.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const PATH = '/v1/completions';

const module = {
  id: '269e82f6-a181-4db5-8346-d1e85c2a3165',
  name: 'Say "no", kindly; or don’t',
  category: '=1+2',
  thumbnailUrl: null,
  description: 'Line one\nline two, with a comma\r\nand ünïcödé 😀',
  duration: 60,
};

/** Completions with all that a format can stumble over. */
async function organizationWithAwkwardRecords(): Promise<TestOrganization> {
  const acme = await server.createOrganization();
  await addCompletions(server, acme, [
    completionRecord({ module, remoteUserId: 'E1', startAt: '2024-06-01T08:00:00Z' }),
    completionRecord({ module, remoteUserId: '007', visit: null, startAt: '2024-06-02T08:00:00Z' }),
    completionRecord({ visit: null, startAt: '2024-06-03T08:00:00Z' }),
  ]);
  return acme;
}

/** What a CSV cell stands for, by the JSON value that it must equal. */
function fromCell(cell: string, like: unknown): unknown {
  if (cell === '') return like === '' ? '' : null;
  if (typeof like === 'number') return Number(cell);
  if (typeof like === 'boolean') return cell === 'true';
  return cell.replace(/^'(?=[=+\-@\t\r])/, '');
}

describe('text/csv', () => {
  test('opens in a CSV parser and has the same records as JSON', async () => {
    const acme = await organizationWithAwkwardRecords();
    const records = (await acme.get(PATH)).json<CompletionList>();
    const reply = await acme.get(PATH, { accept: 'text/csv' });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    const [header = [], ...rows] = parse(reply.bytes) as string[][];
    expect(header).toEqual(Object.keys(records[0] as Completion));
    const decoded = rows.map((row, index) =>
      Object.fromEntries(
        row.map((cell, column) => {
          const name = header[column] as keyof Completion;
          return [name, fromCell(cell, records[index]?.[name])];
        }),
      ),
    );
    expect(decoded).toEqual(records);
  });

  test('writes lines that end in CR LF, null as an empty cell, true and false as words', async () => {
    const acme = await server.createOrganization();
    await addCompletions(server, acme, [completionRecord({ visit: null, totalSteps: 0 })]);
    const [completion] = (await acme.get(PATH)).json<CompletionList>() as [Completion];
    const { id, clusterId, moduleId, hash } = completion;
    expect((await acme.get(PATH, { accept: 'text/csv' })).text).toBe(
      `${Object.keys(completion).join(',')}\r\n` +
        `${id},,${clusterId},${moduleId},Meetings that decide,Collaboration,,Find out together what makes a meeting end with a decision.,` +
        `60,false,2024-06-15T14:00:00Z,2024-06-15T15:00:00Z,,,0,0,0,0,${hash}\r\n`,
    );
  });

  test.each(['=HYPERLINK("http://evil.example","click")', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'disarms a text that a spreadsheet would run: %j',
    async (name) => {
      const acme = await server.createOrganization();
      await addCompletions(server, acme, [completionRecord({ module: { ...module, name } })]);
      const [record] = parse((await acme.get(PATH, { accept: 'text/csv' })).bytes, { columns: true }) as Completion[];
      expect(record?.moduleName).toBe(`'${name}`);
      expect((await acme.get(PATH)).json<CompletionList>()[0]?.moduleName).toBe(name);
    },
  );

  test('of nothing is its header line', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.get(PATH, { accept: 'text/csv' });
    expect(reply.text).toMatch(/^id,remoteUserId,.+,hash\r\n$/);
    expect(reply.headers['x-next-cursor']).toMatch(/\S/);
  });
});

describe('application/x-ndjson', () => {
  test('is one record on each line, the same as in the array', async () => {
    const acme = await organizationWithAwkwardRecords();
    const reply = await acme.get(PATH, { accept: 'application/x-ndjson' });
    expect(reply.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const lines = reply.text.split('\n');
    expect(lines.pop()).toBe('');
    expect(`[${lines.join(',')}]`).toBe((await acme.get(PATH)).text);
  });

  test('of nothing is empty', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.get(PATH, { accept: 'application/x-ndjson' });
    expect([reply.status, reply.text]).toEqual([200, '']);
  });
});

describe('every format', () => {
  test.each(['application/json', 'text/csv', 'application/x-ndjson'])(
    '%s takes filters and gives a cursor',
    async (accept) => {
      const acme = await organizationWithAwkwardRecords();
      const reply = await acme.get(`${PATH}?remoteUserId=007&from=2024-06-02T08:00:00Z`, { accept });
      expect(reply.text).toContain('007');
      expect(reply.text).not.toContain('2024-06-01');
      expect(reply.text).not.toContain('2024-06-03');
      const since = await acme.get(`${PATH}?changedSince=${reply.headers['x-next-cursor']}`, { accept });
      expect(since.text).not.toContain('007');
    },
  );

  test('answers errors as JSON', async () => {
    const acme = await server.createOrganization();
    const reply = await acme.get(`${PATH}?from=x`, { accept: 'text/csv' });
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.json()).toMatchObject({ success: false });
  });
});

describe('Accept', () => {
  test.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 'application/json'],
    ['application/pdf', 'application/json'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV; charset=utf-8', 'text/csv'],
    ['text/csv, application/json;q=0.5', 'text/csv'],
    ['application/json;q=0.5, text/csv', 'text/csv'],
    ['text/csv;q=0.4, application/json;q=0.6', 'application/json'],
    ['text/csv;q=0', 'application/json'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['application/ndjson', 'application/x-ndjson'],
    ['application/x-ndjson, */*;q=0.1', 'application/x-ndjson'],
  ])('%j gives %s', async (accept, type) => {
    const acme = await server.createOrganization();
    const reply = await acme.get(PATH, accept === undefined ? undefined : { accept });
    expect(reply.status).toBe(200);
    expect(String(reply.headers['content-type']).split(';')[0]).toBe(type);
    expect(reply.headers.vary).toMatch(/\bAccept\b/);
  });
});
