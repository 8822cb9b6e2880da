import type { UserTemplate } from '@rollcall/contract/users.ts';
import type { RosterField, RosterMapping } from './header.ts';
import type { CsvRow } from './split.ts';

/** What is wrong with a row before it is sent, and where. */
export interface RowFault {
  /** Column counted from 1, and its header; null where the row as a whole is wrong. */
  readonly column: { readonly number: number; readonly header: string } | null;
  readonly reason: string;
}

/** One row of a roster, read. */
export interface RosterRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** What the row says; null where it cannot be trusted. */
  readonly user: UserTemplate | null;
  readonly fault: RowFault | null;
  /** Of a faulty row the keys that are beyond doubt: who is meant, whatever else is wrong. */
  readonly names: UserTemplate | null;
}

const yes = new Set([
  'true',
  '1',
  'yes',
  'y',
  'ja',
  'j',
  'oui',
  'o',
  'si',
  'sí',
  'x',
  'active',
  'enabled',
  'aktiv',
  'actif',
  'activo',
]);
const no = new Set([
  ...['false', '0', 'no', 'n', 'nein', 'non', 'inactive', 'disabled', 'inaktiv', 'inactif', 'inactivo'],
  ...['suspended', 'deleted', 'tobedeleted', 'terminated', 'left'],
]);

export interface RowOptions {
  /** An empty cell takes the value away instead of leaving it as it is. */
  readonly clearEmpty: boolean;
}

export function readRow(row: CsvRow, mapping: RosterMapping, options: RowOptions): RosterRow {
  const { line, cells } = row;
  const fault = shapeFault(row, mapping);
  if (fault) return { line, cells, user: null, fault, names: null };
  const user: UserTemplate = {};
  let wrong: RowFault | null = null;
  for (const [field, at] of mapping.columns) {
    if (field === 'active') continue;
    const preferred = field === 'firstName' || field === 'lastName' ? mapping.preferred.get(field) : undefined;
    const first = preferred === undefined ? '' : (cells[preferred] ?? '');
    const value = first.trim() === '' ? (cells[at] ?? '') : first;
    const reason = textFault(value);
    if (reason) wrong ??= { column: columnOf(mapping, at), reason };
    else put(user, field, value, options);
  }
  if (mapping.wholeName !== null) {
    const whole = cells[mapping.wholeName] ?? '';
    const reason = textFault(whole);
    if (reason) wrong ??= { column: columnOf(mapping, mapping.wholeName), reason };
    else Object.assign(user, splitName(whole));
  }
  const state = readState(cells, mapping);
  if (typeof state === 'boolean') user.active = state;
  else if (state) wrong ??= state;
  if (!isNamed(user)) {
    wrong ??= {
      column: null,
      reason: 'neither remoteId nor email is filled in: fill in one of them, so that the person can be found',
    };
  }
  if (wrong) return { line, cells, user: null, fault: wrong, names: isNamed(user) ? keysOf(user) : null };
  return { line, cells, user, fault: null, names: null };
}

/** A row of the wrong shape: which cell belongs to which column is in doubt. */
function shapeFault({ cells, misquoted }: CsvRow, mapping: RosterMapping): RowFault | null {
  if (misquoted !== null) {
    const reason =
      'text follows a closing quote: put the whole cell in quotes, and double those that belong to the text';
    return { column: columnOf(mapping, misquoted), reason };
  }
  const wanted = mapping.headers.length;
  const isTooLong = cells.length > wanted && cells.slice(wanted).some((cell) => cell.trim() !== '');
  if (cells.length >= wanted && !isTooLong) return null;
  const hint = isTooLong ? 'put a cell that holds the delimiter in quotes' : 'add the missing cells';
  return { column: null, reason: `the row has ${cells.length} cells, the header ${wanted}: ${hint}` };
}

/** What the server would refuse in any field, or what shows that the file was damaged. */
function textFault(value: string): string | null {
  if (value.includes('\0'))
    return 'holds a NUL byte: remove it, or say in which encoding the file is written (--encoding)';
  if (value.includes('\ufffd')) {
    return 'holds a character that the encoding does not have: say in which encoding the file is written (--encoding), or write the character anew';
  }
  return null;
}

function put(user: UserTemplate, field: Exclude<RosterField, 'active'>, value: string, options: RowOptions): void {
  if (value.trim() !== '') user[field] = value;
  else if (!options.clearEmpty || field === 'id') return;
  else if (field === 'email' || field === 'remoteId') user[field] = null;
  else user[field] = '';
}

/** Active only where every column with a state that is filled in says so; null where none is. */
function readState(cells: readonly string[], mapping: RosterMapping): boolean | RowFault | null {
  let active: boolean | null = null;
  for (const at of mapping.states) {
    const value = (cells[at] ?? '').trim();
    if (value === '') continue;
    const word = value.toLowerCase();
    if (!yes.has(word) && !no.has(word)) {
      const reason = `${JSON.stringify(value.slice(0, 64))} does not say whether somebody is active: write true or false (or a word such as active, inactive, deleted)`;
      return { column: columnOf(mapping, at), reason };
    }
    active = (active ?? true) && yes.has(word);
  }
  return active;
}

/** `Laurent, Amélie` or `Amélie Laurent`: without a comma the last word is the family name, as Canvas takes it. */
function splitName(text: string): UserTemplate {
  const name = text.trim();
  if (name === '') return {};
  const comma = name.indexOf(',');
  if (comma !== -1) return { firstName: name.slice(comma + 1).trim(), lastName: name.slice(0, comma).trim() };
  const space = name.lastIndexOf(' ');
  return space === -1
    ? { firstName: name }
    : { firstName: name.slice(0, space).trim(), lastName: name.slice(space + 1) };
}

function isNamed({ remoteId, email }: UserTemplate): boolean {
  return typeof remoteId === 'string' || typeof email === 'string';
}

function keysOf({ remoteId, email }: UserTemplate): UserTemplate {
  return { ...(remoteId && { remoteId }), ...(email && { email }) };
}

function columnOf({ headers }: RosterMapping, at: number) {
  return { number: at + 1, header: headers[at] ?? '' };
}

/** The fault that the server found, with the column of the field that its message begins with. */
export function serverFault(message: string, mapping: RosterMapping): RowFault {
  const field = message.slice(0, message.indexOf(' '));
  const at = mapping.columns.get(field as RosterField);
  return { column: at === undefined ? null : columnOf(mapping, at), reason: message };
}

/** `line 17, column 3 (Email): …` */
export function describeFault(line: number, { column, reason }: RowFault): string {
  return `line ${line}${column ? `, column ${column.number} (${column.header})` : ''}: ${reason}`;
}
