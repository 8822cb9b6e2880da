import type { UserTemplate } from '@rollcall/contract/users.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Encoding, encode, encodedMark } from './encoding.ts';
import { openRoster, parseMap, type RosterOptions } from './roster.ts';
import { describeFault, type RosterRow } from './row.ts';
import { csvLine } from './write.ts';

const USUAL: RosterOptions = { encoding: null, delimiter: null, map: [], clearEmpty: false };

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array | string, options: Partial<RosterOptions> = {}, size = 1_000) {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const roster = await openRoster(pieces(buffer, size), { ...USUAL, ...options });
  const rows: RosterRow[] = [];
  for await (const some of roster.rows()) rows.push(...some);
  return { roster, rows, users: rows.map(({ user }) => user), faults: rows.flatMap(faultText) };
}

const faultText = ({ line, fault }: RosterRow) => (fault ? [describeFault(line, fault)] : []);

const western = fc.constantFrom(...'abcXYZ019 éÄßñøœŽ€"\',;|\t\n=+-@.');
const wide = fc.oneof(western, fc.constantFrom(...'日本語Ελλάδα😀\u2028‮'));
const textOf = (unit: fc.Arbitrary<string>) =>
  fc.string({ unit, minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '');

const dialects = fc.record({
  encoding: fc.constantFrom<Encoding>('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'),
  hasBom: fc.boolean(),
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  endsWithLine: fc.boolean(),
  quotesAll: fc.boolean(),
  pieceSize: fc.integer({ min: 1, max: 300 }),
});

test('any roster, written in any dialect and encoding, is read as it was', async () => {
  const scenario = dialects.chain((dialect) => {
    const text = textOf(dialect.encoding === 'windows-1252' ? western : wide);
    const user = fc.record(
      { remoteId: text, email: text, firstName: text, lastName: text, active: fc.boolean() },
      { requiredKeys: ['remoteId'] },
    );
    return fc.tuple(fc.constant(dialect), fc.array(user, { minLength: 1, maxLength: 12 }));
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ([dialect, users]) => {
      const { delimiter, lineEnd, encoding } = dialect;
      const columns = ['remoteId', 'email', 'firstName', 'lastName', 'active'] as const;
      const cells = users.map((user) => columns.map((column) => String((user as UserTemplate)[column] ?? '')));
      const line = (row: readonly string[]) =>
        dialect.quotesAll
          ? row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter)
          : csvLine(row, delimiter);
      const text = [columns, ...cells].map(line).join(lineEnd) + (dialect.endsWithLine ? lineEnd : '');
      const hasBom = dialect.hasBom && encoding !== 'windows-1252';
      const bytes = Buffer.concat([encodedMark({ encoding, hasBom }), encode(text, encoding)]);
      const result = await read(bytes, {}, dialect.pieceSize);
      // Of bytes that are valid in both, nobody can tell; the test is then of no use.
      const isAmbiguous =
        encoding === 'windows-1252' && result.roster.shape().encoding === 'utf-8' && /[^\0-\x7f]/.test(text);
      fc.pre(!isAmbiguous);
      expect(result.faults).toEqual([]);
      expect(result.users).toEqual(users);
    }),
    { numRuns: 300 },
  );
});

test('columns are known by many names in several languages', async () => {
  const { users } = await read(
    'Personalnummer;Vorname;Nachname;E-Mail-Adresse;Aktiv\n7;Änne;Groß;a@example.com;nein\n',
  );
  expect(users).toEqual([
    { remoteId: '7', firstName: 'Änne', lastName: 'Groß', email: 'a@example.com', active: false },
  ]);
});

test('`id` is the id of the other system, and beside remoteId the one that Rollcall gave', async () => {
  expect((await read('id,email\n1,a@example.com\n')).users).toEqual([{ remoteId: '1', email: 'a@example.com' }]);
  expect((await read('id,remoteId\nabc,1\n')).users).toEqual([{ id: 'abc', remoteId: '1' }]);
});

test('--map decides, leaves columns out, and its faults are named', async () => {
  const text = 'Key,Mail,Work email\n1,a@example.com,b@example.com\n';
  await expect(read(text)).rejects.toThrow('"Mail" (2) and "Work email" (3) could both be email');
  const map = [parseMap('Key=remoteId'), parseMap('work EMAIL=email')];
  expect((await read(text, { map })).users).toEqual([{ remoteId: '1', email: 'b@example.com' }]);
  const left = [parseMap('Work email=-')];
  expect((await read(text, { map: left })).users).toEqual([{ email: 'a@example.com' }]);
  await expect(read(text, { map: [['Nope', 'email']] })).rejects.toThrow('no column "Nope"');
  await expect(read(text, { map: [['Key', 'nope']] })).rejects.toThrow('"nope" is no field');
});

test('OneRoster 1.1 and 1.2 are recognized; status and enabledUser together say who is active', async () => {
  const old = await read(
    '"sourcedId","status","dateLastModified","enabledUser","orgSourcedIds","role","username","userIds","givenName","familyName","middleName","identifier","email","sms","phone","agentSourcedIds","grades","password"\n' +
      'u1,active,2026-01-01,true,o,student,ann,,Ann,Lee,,,ann@example.com,,,,,\n' +
      'u2,tobedeleted,2026-01-01,true,o,student,bo,,Bo,Lee,,,bo@example.com,,,,,\n' +
      'u3,,,false,o,student,cy,,Cy,Lee,,,cy@example.com,,,,,\n',
  );
  expect(old.roster.mapping.format).toBe('OneRoster 1.1');
  expect(old.users).toMatchObject([
    { remoteId: 'u1', firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com', active: true },
    { remoteId: 'u2', active: false },
    { remoteId: 'u3', active: false },
  ]);
  const recent = await read(
    'sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\n' +
      'u1,active,,true,ann,,Annabel,Lee,,,ann@example.com,,,,,,m1,,Ann,,,,\n',
  );
  expect(recent.roster.mapping.format).toBe('OneRoster 1.2');
  expect(recent.users).toEqual([
    { remoteId: 'u1', firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com', active: true },
  ]);
});

test('Canvas is recognized: deleted and suspended people are inactive, one name is split', async () => {
  const { roster, users } = await read(
    'user_id,login_id,sortable_name,email,status\n1,ann,"Lee, Ann",ann@example.com,active\n2,bo,Bo,,deleted\n3,cy,Cy von Lee,,suspended\n',
  );
  expect(roster.mapping.format).toBe('Canvas');
  expect(users).toEqual([
    { remoteId: '1', firstName: 'Ann', lastName: 'Lee', email: 'ann@example.com', active: true },
    { remoteId: '2', firstName: 'Bo', active: false },
    { remoteId: '3', firstName: 'Cy von', lastName: 'Lee', active: false },
  ]);
});

test('every bad row is told with line and column, and the good ones are read', async () => {
  const { users, faults, rows } = await read(
    'remoteId,email,active\n1,a@example.com,true\n2,b@example.com,maybe\n3,"c@example.com"x,true\n4,d@example.com\n5,e@example.com,true,6\n,,true\n"7\n7",f\0@example.com,1\n8,g@example.com,0,,\n',
  );
  expect(users.filter((user) => user !== null)).toEqual([
    { remoteId: '1', email: 'a@example.com', active: true },
    { remoteId: '8', email: 'g@example.com', active: false },
  ]);
  expect(faults).toEqual([
    expect.stringMatching(/^line 3, column 3 \(active\): "maybe" does not say/),
    expect.stringMatching(/^line 4, column 2 \(email\): text follows a closing quote/),
    expect.stringMatching(/^line 5: the row has 2 cells, the header 3/),
    expect.stringMatching(/^line 6: the row has 4 cells, the header 3/),
    expect.stringMatching(/^line 7: neither remoteId nor email/),
    expect.stringMatching(/^line 8, column 2 \(email\): holds a NUL byte/),
  ]);
  expect(rows.filter(({ names }) => names).map(({ line, names }) => [line, names])).toEqual([
    [3, { remoteId: '2', email: 'b@example.com' }],
    [8, { remoteId: '7\n7' }],
  ]);
});

test('bytes that the encoding does not have are a fault of their row, not of the file', async () => {
  const bytes = Buffer.concat([
    Buffer.from('remoteId,lastName\n1,Großmüller\n2,'),
    Buffer.from('Gro\xdf', 'latin1'),
    Buffer.from('\n'),
  ]);
  const { users, faults } = await read(bytes, {}, 30);
  expect(users[0]).toEqual({ remoteId: '1', lastName: 'Großmüller' });
  expect(faults).toEqual([
    expect.stringMatching(/^line 3, column 2 \(lastName\): holds a character that the encoding/),
  ]);
});

test('an empty file, a file without a row and one with a strange header are refused in words', async () => {
  await expect(read('')).rejects.toThrow('the file is empty');
  await expect(read('\ufeff\n \n')).rejects.toThrow('the file is empty');
  await expect(read('remoteId,"email\n')).rejects.toThrow('Line 1: a quote is opened');
  await expect(read('Shoe size,Color\n43,red\n')).rejects.toThrow('"Shoe size", "Color"');
  expect((await read('remoteId\n')).users).toEqual([]);
});

test('an empty cell leaves a field as it is, or takes its value away where that is asked for', async () => {
  const text = 'remoteId,email,firstName\n1,,\n';
  expect((await read(text)).users).toEqual([{ remoteId: '1' }]);
  expect((await read(text, { clearEmpty: true })).users).toEqual([{ remoteId: '1', email: null, firstName: '' }]);
});

test("a spreadsheet's line with the delimiter is understood, and lines are counted with it", async () => {
  const { users, faults } = await read('sep=|\r\nremoteId|active\r\n1|true\r\n2|?\r\n');
  expect(users[0]).toEqual({ remoteId: '1', active: true });
  expect(faults).toEqual([expect.stringMatching(/^line 4, column 2/)]);
});
