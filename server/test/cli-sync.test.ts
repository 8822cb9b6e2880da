import type { SyncRun } from '@rollcall/contract/sync-run-shapes.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cli, createCli } from './support/cli.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { readPage } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

/** A roster of the people with these numbers. */
function roster(numbers: readonly number[], note = ''): string {
  const lines = numbers.map((at) => `E${at},e${at}@example.com,Person,Number ${at}${note}`);
  return `remoteId,email,firstName,lastName\n${lines.join('\n')}\n`;
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** An organization whose users came by a sync. */
async function staffed(count: number) {
  const acme = await server.createOrganization();
  const cli = await createCli(server, acme.key);
  await cli.write('staff.csv', roster(upTo(count)));
  const { code, stderr } = await cli.run(['users', 'sync', 'staff.csv', '--yes']);
  expect(code, stderr).toBe(0);
  return { acme, cli };
}

const sync = (cli: Cli, file: string, ...more: string[]) => cli.run(['users', 'sync', file, '--yes', ...more]);

const totals = async (organization: TestOrganization) => ({
  active: (await readPage(organization, 'active=true&pageSize=1')).total,
  inactive: (await readPage(organization, 'active=false&pageSize=1')).total,
});

async function states(organization: TestOrganization): Promise<string[]> {
  const { data } = (await organization.get('/v1/sync-runs')).json<{ data: { items: SyncRun[] } }>();
  return data.items.map(({ state }) => state).sort();
}

describe('rollcall users sync', () => {
  test('shows the plan, commits it as one change, and undo takes it back', async () => {
    const { acme, cli } = await staffed(30);
    await using _ = cli;
    await cli.write('staff.csv', roster(upTo(29).slice(1), '!') + roster([40]).split('\n')[1]);
    // Runs are told apart by when they were opened.
    server.clock.advance(1_000);
    const done = await sync(cli, 'staff.csv', '--max-deactivations', '10%');
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^ *1 {2}new$/m);
    expect(done.stdout).toMatch(/^ *28 {2}changed$/m);
    expect(done.stdout).toMatch(/^ *2 {2}to be deactivated$/m);
    expect(done.stdout).toContain('lastName "Number 1" -> "Number 1!"');
    expect(done.stdout).toMatch(
      /To be deactivated:\n {2}Person Number 0 \[E0, e0@example.com\]\n {2}Person Number 29 /,
    );
    expect(await totals(acme)).toEqual({ active: 29, inactive: 2 });

    const shown = await cli.json<{ counts: object; items: object[] }>('sync', 'show', '--kind', 'deactivate');
    expect(shown).toMatchObject({ counts: { deactivate: 2 }, items: [{ kind: 'deactivate' }, { kind: 'deactivate' }] });
    const undone = await cli.json('sync', 'undo', '--yes');
    expect(undone).toMatchObject({
      state: 'undone',
      undo: { deactivated: 1, restored: 28, reactivated: 2, leftAlone: 0 },
    });
    expect(await totals(acme)).toEqual({ active: 30, inactive: 1 });
    expect((await cli.run(['sync', 'list'])).stdout).toContain('undone');
  });

  test('the same roster again changes nothing', async () => {
    const { acme, cli } = await staffed(5);
    await using _ = cli;
    const before = (await acme.get('/v1/users')).text;
    expect(await cli.json('users', 'sync', 'staff.csv', '--yes')).toMatchObject({
      committed: true,
      counts: { create: 0, update: 0, deactivate: 0, unchanged: 5 },
      failures: [],
    });
    expect((await acme.get('/v1/users')).text).toBe(before);
  });

  test('a roster that broke off stops with exit code 3 before anybody is deactivated, unless that is allowed', async () => {
    const { acme, cli } = await staffed(60);
    await using _ = cli;
    await cli.write('staff.csv', roster(upTo(30)));
    const stopped = await sync(cli, 'staff.csv');
    expect([stopped.code, stopped.stderr]).toEqual([
      3,
      expect.stringContaining('30 of 60 active users would be deactivated'),
    ]);
    expect((await sync(cli, 'staff.csv', '--max-deactivations', '5%')).code).toBe(3);
    expect((await sync(cli, 'staff.csv', '--max-deactivations', '29')).code).toBe(3);
    expect((await cli.run(['users', 'sync', 'staff.csv', '--dry-run'])).code).toBe(3);
    expect(await totals(acme)).toEqual({ active: 60, inactive: 0 });
    expect(await states(acme)).not.toContain('open');
    expect((await sync(cli, 'staff.csv', '--max-deactivations', '50%')).code).toBe(0);
    expect(await totals(acme)).toEqual({ active: 30, inactive: 30 });
  });

  test('a limit of our own is stricter than that of the organization too', async () => {
    const { acme, cli } = await staffed(5);
    await using _ = cli;
    await cli.write('staff.csv', roster([0, 1, 2]));
    expect((await sync(cli, 'staff.csv', '--max-deactivations', '1')).code).toBe(3);
    expect(await totals(acme)).toEqual({ active: 5, inactive: 0 });
    expect((await sync(cli, 'staff.csv', '--keep-missing')).code).toBe(0);
    expect(await totals(acme)).toEqual({ active: 5, inactive: 0 });
  });

  test('an empty roster always stops, whatever is allowed', async () => {
    const { acme, cli } = await staffed(3);
    await using _ = cli;
    await cli.write('staff.csv', roster([]));
    const { code, stderr } = await sync(cli, 'staff.csv', '--max-deactivations', '100%');
    expect([code, stderr]).toEqual([3, expect.stringContaining('the roster has nobody in it')]);
    expect(await totals(acme)).toEqual({ active: 3, inactive: 0 });
  });

  test('bad rows are left out and their people left alone; the file of failed rows says why', async () => {
    const { acme, cli } = await staffed(4);
    await using _ = cli;
    await cli.write(
      'staff.csv',
      'remoteId,email,firstName,active\nE0,e0@example.com,Ann,true\nE1,e1@example.com,Bo,perhaps\nE2,nonsense,Cy,true\nE3,e3@example.com,Di,true\nE3,e3@example.com,Dia,true\n',
    );
    const { code, stderr } = await sync(cli, 'staff.csv');
    expect([code, stderr]).toEqual([4, expect.stringContaining('4 rows were left out; staff.failed.csv has them')]);
    expect(stderr).toContain('line 3, column 4 (active): "perhaps" does not say');
    expect(stderr).toContain('line 4, column 2 (email): email "nonsense"');
    expect(await totals(acme)).toEqual({ active: 4, inactive: 0 });
    expect((await readPage(acme)).items.map(({ firstName }) => firstName)).toEqual([
      'Ann',
      'Person',
      'Person',
      'Person',
    ]);
    const failed = (await cli.read('staff.failed.csv')).split('\n');
    expect(failed.map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'remoteId,email,firstName',
      'E1,e1@example.com,Bo',
      'E2,nonsense,Cy',
      'E3,e3@example.com,Di',
      'E3,e3@example.com,Dia',
      '',
    ]);
  });

  test('a row of which nobody knows whom it names stops a sync that would deactivate people', async () => {
    const { acme, cli } = await staffed(4);
    await using _ = cli;
    await cli.write('staff.csv', `${roster([0, 1, 2])}E3,e3@example.com\n`);
    const stopped = await sync(cli, 'staff.csv');
    expect([stopped.code, stopped.stderr]).toEqual([4, expect.stringContaining('it is not known whom it names')]);
    expect(await totals(acme)).toEqual({ active: 4, inactive: 0 });
    expect((await sync(cli, 'staff.csv', '--skip-unreadable')).code).toBe(4);
    expect(await totals(acme)).toEqual({ active: 3, inactive: 1 });
  });

  test('a file that is wrong as a whole leaves no run open', async () => {
    const { acme, cli } = await staffed(2);
    await using _ = cli;
    await cli.write('staff.csv', `${roster(upTo(500))}E501,"e501@example.com\n`);
    const { code, stderr } = await sync(cli, 'staff.csv');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Line 502: a quote is opened')]);
    expect(await states(acme)).toEqual(['cancelled', 'committed']);
    expect(await totals(acme)).toEqual({ active: 2, inactive: 0 });
  });

  test('where nobody can be asked it says so before anything is sent', async () => {
    const { acme, cli } = await staffed(1);
    await using _ = cli;
    const { code, stderr } = await cli.run(['users', 'sync', 'staff.csv']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(await states(acme)).toEqual(['committed']);
  });

  test('with --dry-run shows the plan and leaves nothing open', async () => {
    const { acme, cli } = await staffed(2);
    await using _ = cli;
    await cli.write('staff.csv', roster([0, 1, 2]));
    const { code, stdout } = await cli.run(['users', 'sync', 'staff.csv', '--dry-run']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ *1 {2}new$[\s\S]*Nothing was changed\.\n$/m)]);
    expect(await states(acme)).toEqual(['cancelled', 'committed']);
  });

  test('another open run stands in the way, until it is given up', async () => {
    const { acme, cli } = await staffed(1);
    await using _ = cli;
    await acme.post('/v1/sync-runs', { label: 'somebody else' });
    const { code, stderr } = await sync(cli, 'staff.csv');
    expect([code, stderr]).toEqual([1, expect.stringContaining('another sync run is open')]);
    expect(stderr).toContain('somebody else');
    expect((await sync(cli, 'staff.csv', '--cancel-open')).code).toBe(0);
  });
});

describe('a sync that is interrupted', () => {
  const COUNT = 1_500;

  async function expectWhole(acme: TestOrganization) {
    expect(await totals(acme)).toEqual({ active: COUNT, inactive: 0 });
    expect(new Set(await states(acme))).toEqual(new Set(['committed']));
  }

  test.each([
    ['up', 2_000],
    ['up', 60_000],
    ['up', 120_000],
    ['down', 3_000],
    ['down', 9_000],
  ] as const)(
    'by the network after %s %d bytes has the same result once the same command is run again',
    async (direction, bytes) => {
      const acme = await server.createOrganization();
      await using proxy = await startCuttingProxy(server);
      await using cli = await createCli(proxy, acme.key);
      await cli.write('staff.csv', roster(upTo(COUNT)));
      proxy.cutAfter(bytes, direction);
      const broken = await sync(cli, 'staff.csv', '--retries', '0');
      expect([broken.code, proxy.isCut]).toEqual([1, true]);
      expect([0, COUNT]).toContain((await totals(acme)).active);
      proxy.heal();
      expect((await sync(cli, 'staff.csv')).code).toBe(0);
      await expectWhole(acme);
    },
  );

  test.each(['/plan ', '/commit ', '/v1/sync-runs '])(
    'by the network while the answer to %s is on its way',
    async (path) => {
      const acme = await server.createOrganization();
      await using proxy = await startCuttingProxy(server);
      await using cli = await createCli(proxy, acme.key);
      await cli.write('staff.csv', roster(upTo(COUNT)));
      proxy.loseAnswerTo(path);
      const broken = await sync(cli, 'staff.csv', '--retries', '0');
      expect([broken.code, proxy.isCut]).toEqual([1, true]);
      proxy.heal();
      expect((await sync(cli, 'staff.csv')).code).toBe(0);
      await expectWhole(acme);
    },
  );

  test('by kill -9 goes on with the same run', async () => {
    const acme = await server.createOrganization();
    await using proxy = await startCuttingProxy(server);
    await using cli = await createCli(proxy, acme.key);
    await cli.write('staff.csv', roster(upTo(COUNT)));
    proxy.cutAfter(60_000, 'up');
    const killed = await cli.run(['users', 'sync', 'staff.csv', '--yes'], { killAfter: proxy.firstCut });
    expect(killed.code).toBe(null);
    proxy.heal();
    const again = await sync(cli, 'staff.csv');
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Going on with sync run')]);
    await expectWhole(acme);
  });
});
