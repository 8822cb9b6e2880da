import type { UserTemplate } from '@rollcall/contract/users.ts';
import { afterAll, describe, expect, test } from 'vitest';
import { createCli } from './support/cli.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { startTestServer, type TestOrganization } from './support/test-server.ts';
import { readPage, remoteIds } from './support/users.ts';

const server = await startTestServer();
afterAll(() => server[Symbol.asyncDispose]());

const people = async (organization: TestOrganization) =>
  (await readPage(organization)).items.map(({ id: _, ...user }) => user);

/** A roster of so many people, ids `E0`, `E1` … */
function roster(count: number, edit: (user: UserTemplate) => string = ({ remoteId }) => `${remoteId}@example.com`) {
  const lines = Array.from({ length: count }, (_, at) => `E${at},${edit({ remoteId: `E${at}` })},Person,Number ${at}`);
  return `Employee ID,E-mail,First name,Last name\n${lines.join('\n')}\n`;
}

describe('rollcall users import', () => {
  test('creates and updates the people of a file of any dialect, and says what it took for what', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    const text =
      'Personalnummer;Vorname;Nachname;E-Mail;aktiv\r\n1;Änne;"Groß; geb. ""Klein""";anne@example.com;ja\r\n2;Bo;;;nein\r\n';
    const file = await cli.write(
      'staff.csv',
      Buffer.concat([Buffer.from('\ufeff', 'utf16le'), Buffer.from(text, 'utf16le')]),
    );
    const { code, stdout, stderr } = await cli.run(['users', 'import', file]);
    expect([code, stdout]).toEqual([0, '2 rows imported, 0 failed.\n']);
    expect(stderr).toContain('Personalnummer -> remoteId');
    expect(await people(acme)).toEqual([
      { remoteId: '1', firstName: 'Änne', lastName: 'Groß; geb. "Klein"', email: 'anne@example.com', active: true },
      { remoteId: '2', firstName: 'Bo', lastName: '', email: null, active: false },
    ]);
  });

  test('tells every bad row by line and column and writes it in the shape of the file, to be corrected and sent again', async () => {
    const acme = await server.createOrganization({ trustedDomains: ['example.com'] });
    await using cli = await createCli(server, acme.key);
    const file = await cli.write(
      'staff.csv',
      'id|mail|vorname|aktiv\n1|a@example.com|Ann|1\n2|b@elsewhere.example|"B|o"|1\n3|c@example.com|Cy|perhaps\n4|nonsense|Di|0\n',
    );
    const { code, stdout, stderr } = await cli.run(['users', 'import', file, '--json', '--quiet']);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: false,
      succeeded: 1,
      failed: 3,
      failedRowsFile: 'staff.failed.csv',
    });
    expect(stderr).toContain('line 3, column 2 (mail): email "b@elsewhere.example" is outside');
    expect(stderr).toContain('line 4, column 4 (aktiv): "perhaps" does not say');
    expect(stderr).toContain('line 5, column 2 (mail): email "nonsense"');
    const failed = await cli.read('staff.failed.csv');
    expect(failed.split('\n')[0]).toBe('id|mail|vorname|aktiv|Rollcall reason');
    expect(failed).toContain('2|b@elsewhere.example|"B|o"|1|');
    const corrected = failed
      .replace('elsewhere.example', 'example.com')
      .replace('|perhaps|', '|1|')
      .replace('nonsense', 'd@example.com');
    await cli.write('again.csv', corrected);
    expect((await cli.run(['users', 'import', 'again.csv'])).code).toBe(0);
    expect((await remoteIds(acme)).sort()).toEqual(['1', '2', '3', '4']);
  });

  test('with --dry-run judges everything and changes nothing', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    const file = await cli.write('staff.csv', 'email\na@example.com\nnobody\n');
    const { code, stdout } = await cli.run(['users', 'import', file, '--dry-run']);
    expect([code, stdout]).toEqual([4, '1 row would be imported, 1 failed.\n']);
    expect(await people(acme)).toEqual([]);
    await expect(cli.read('staff.failed.csv')).rejects.toThrow('ENOENT');
  });

  test('reads stdin, and takes of the same person twice the later row', async () => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    const { code } = await cli.run(['users', 'import', '-', '--map', 'Key=remoteId', '--failed', 'bad.csv'], {
      stdin: 'Key,Given name\n1,Ann\n1,Anna\n',
    });
    expect(code).toBe(0);
    expect(await people(acme)).toMatchObject([{ remoteId: '1', firstName: 'Anna' }]);
  });

  test.each([
    ['an empty file', '', 1, 'the file is empty'],
    ['a wrong header', 'Shoe size\n43\n', 2, '"Shoe size"'],
    ['a quote that is never closed', 'email\na@example.com\n"b@example.com\n', 1, 'Line 3: a quote is opened'],
    ['a header alone', 'email\n', 0, ''],
  ])('answers %s in words', async (_, content, code, message) => {
    const acme = await server.createOrganization();
    await using cli = await createCli(server, acme.key);
    const outcome = await cli.run(['users', 'import', await cli.write('staff.csv', content)]);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(message);
  });

  test('after a network that dropped in the middle, the same command again gives the same result', async () => {
    const acme = await server.createOrganization();
    await using proxy = await startCuttingProxy(server);
    await using cli = await createCli(proxy, acme.key);
    const file = await cli.write('staff.csv', roster(1_500));
    proxy.cutAfter(60_000, 'up');
    const broken = await cli.run(['users', 'import', file, '--retries', '0']);
    expect([broken.code, proxy.isCut]).toEqual([1, true]);
    expect(broken.stderr).toContain('The same command can be run again');
    proxy.heal();
    expect((await cli.run(['users', 'import', file])).code).toBe(0);
    const { total, items } = await readPage(acme, 'page=7');
    expect([total, items.length]).toEqual([1_500, 100]);
  });
});
