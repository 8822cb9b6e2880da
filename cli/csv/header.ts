import { usageError } from '../exit.ts';

/** What a column of a roster can be; the first five and `id` are the API's own members. */
export const rosterFields = ['remoteId', 'email', 'firstName', 'lastName', 'active', 'id'] as const;
export type RosterField = (typeof rosterFields)[number];

type NameField = 'firstName' | 'lastName';

/** A kind of file that is known by its header. */
export type RosterFormat = 'OneRoster 1.1' | 'OneRoster 1.2' | 'Canvas' | 'CSV';

/** Which column holds what, counted from 0. */
export interface RosterMapping {
  readonly format: RosterFormat;
  readonly headers: readonly string[];
  readonly columns: ReadonlyMap<RosterField, number>;
  /** Columns that say by a word whether somebody is active; all must. */
  readonly states: readonly number[];
  /** Columns with a name that comes before `firstName` or `lastName` where it is filled in. */
  readonly preferred: ReadonlyMap<NameField, number>;
  /** Column with both names: `Laurent, Amélie` or `Amélie Laurent`; null where names have columns of their own. */
  readonly wholeName: number | null;
}

/** Headers as `plain` writes them. */
const synonyms: Readonly<Record<RosterField, readonly string[]>> = {
  remoteId: [
    'remoteid',
    'externalid',
    'sourcedid',
    'employeeid',
    'employeenumber',
    'employeeno',
    'personid',
    'personnelid',
    'personnelnumber',
    'personalnummer',
    'mitarbeiternummer',
    'mitarbeiterid',
    'staffid',
    'studentid',
    'hrid',
    'userid',
    'workerid',
    'matricule',
    'numeroempleado',
  ],
  email: [
    'email',
    'emailaddress',
    'mail',
    'mailaddress',
    'mailadresse',
    'emailadresse',
    'workemail',
    'primaryemail',
    'businessemail',
    'emailwork',
    'courriel',
    'adressemail',
    'adresseemail',
    'correo',
    'correoelectronico',
  ],
  firstName: ['firstname', 'givenname', 'forename', 'first', 'vorname', 'rufname', 'prenom', 'nombre', 'nome'],
  lastName: [
    'lastname',
    'familyname',
    'surname',
    'last',
    'sn',
    'nachname',
    'familienname',
    'nom',
    'nomdefamille',
    'apellido',
    'apellidos',
    'cognome',
  ],
  active: [
    'active',
    'isactive',
    'enabled',
    'isenabled',
    'accountenabled',
    'status',
    'state',
    'aktiv',
    'actif',
    'activo',
  ],
  id: ['rollcallid'],
};

/** `E-Mail Address`, `e_mail_address` and `eMailAddress` are one: letters and digits, without case and accents. */
export function plain(header: string): string {
  return header
    .normalize('NFKD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

/** How many of these headers mean something; by that the delimiter is found. */
export function countKnown(headers: readonly string[]): number {
  const known = new Set(Object.values(synonyms).flat());
  return headers.filter((header) => known.has(plain(header)) || plain(header) === 'id').length;
}

/** Kinds of files whose columns are known by a standard. */
interface KnownFormat {
  readonly format: RosterFormat;
  /** A header with all of these is of this kind. */
  readonly marks: readonly string[];
  readonly columns: Readonly<Partial<Record<RosterField, string>>>;
  readonly states: readonly string[];
  readonly preferred: Readonly<Partial<Record<NameField, string>>>;
  readonly wholeNames: readonly string[];
}

const oneRosterColumns = { remoteId: 'sourcedid', email: 'email', firstName: 'givenname', lastName: 'familyname' };
const oneRosterStates = ['status', 'enableduser'];

const knownFormats: readonly KnownFormat[] = [
  // 1EdTech OneRoster 1.2, CSV binding, users.csv
  {
    format: 'OneRoster 1.2',
    marks: ['sourcedid', 'enableduser', 'givenname', 'familyname', 'usermasteridentifier'],
    columns: oneRosterColumns,
    states: oneRosterStates,
    preferred: { firstName: 'preferredgivenname', lastName: 'preferredfamilyname' },
    wholeNames: [],
  },
  // IMS OneRoster 1.1, CSV tables, users.csv
  {
    format: 'OneRoster 1.1',
    marks: ['sourcedid', 'enableduser', 'givenname', 'familyname'],
    columns: oneRosterColumns,
    states: oneRosterStates,
    preferred: {},
    wholeNames: [],
  },
  // Canvas LMS, SIS import format, users.csv
  {
    format: 'Canvas',
    marks: ['userid', 'loginid', 'status'],
    columns: { remoteId: 'userid', email: 'email', firstName: 'firstname', lastName: 'lastname' },
    states: ['status'],
    preferred: {},
    wholeNames: ['sortablename', 'fullname'],
  },
];

/** `asked` are pairs of header and field from `--map`. Throws where a roster cannot be read from these columns. */
export function mapHeader(headers: readonly string[], asked: readonly (readonly [string, string])[]): RosterMapping {
  const names = headers.map(plain);
  const { columns, ignored } = askedColumns(headers, names, asked);
  const isActiveAsked = columns.has('active');
  const place = (name: string) => names.findIndex((one, at) => one === name && !ignored.has(at));
  const places = (wanted: readonly string[]) => wanted.map(place).filter((at) => at !== -1);
  const known = knownFormats.find(({ marks }) => marks.every((mark) => names.includes(mark)));
  if (!known) {
    findColumns(headers, names, columns, ignored);
    needKey(headers, columns);
    const states = [columns.get('active') ?? -1].filter((at) => at !== -1);
    return { format: 'CSV', headers, columns, states, preferred: new Map(), wholeName: null };
  }
  const preferred = new Map<NameField, number>();
  for (const field of ['firstName', 'lastName'] as const) {
    const at = place(known.preferred[field] ?? '');
    if (at !== -1 && !columns.has(field)) preferred.set(field, at);
  }
  for (const field of rosterFields) {
    const at = place(known.columns[field] ?? '');
    if (at !== -1 && !columns.has(field)) columns.set(field, at);
  }
  needKey(headers, columns);
  const states = isActiveAsked ? [columns.get('active') ?? 0] : places(known.states);
  const hasNames = columns.has('firstName') || columns.has('lastName');
  const wholeName = hasNames ? null : (places(known.wholeNames)[0] ?? null);
  return { format: known.format, headers, columns, states, preferred, wholeName };
}

/** What `--map` says: columns by field, and those that are to be left out (`Header=-`). */
function askedColumns(
  headers: readonly string[],
  names: readonly string[],
  asked: readonly (readonly [string, string])[],
) {
  const columns = new Map<RosterField, number>();
  const ignored = new Set<number>();
  for (const [header, target] of asked) {
    const exact = headers.findIndex((one) => one.trim() === header.trim());
    const at = exact === -1 ? names.indexOf(plain(header)) : exact;
    if (at === -1) throw usageError(`--map: there is no column "${header}". The file has: ${listed(headers)}`);
    if (target === '-') {
      ignored.add(at);
      continue;
    }
    const field = rosterFields.find((one) => one.toLowerCase() === target.toLowerCase());
    if (!field)
      throw usageError(
        `--map: "${target}" is no field; write one of ${rosterFields.join(', ')}, or - to leave the column out`,
      );
    if (columns.has(field)) throw usageError(`--map: two columns are given for ${field}; give one`);
    columns.set(field, at);
  }
  return { columns, ignored };
}

/** Finds the columns of an ordinary file by their names. The exact name of a field wins; else a field has one column. */
function findColumns(
  headers: readonly string[],
  names: readonly string[],
  columns: Map<RosterField, number>,
  ignored: ReadonlySet<number>,
): void {
  const asked = new Set(columns.values());
  for (const field of rosterFields) {
    if (columns.has(field)) continue;
    const found = names.flatMap((name, at) =>
      synonyms[field].includes(name) && !ignored.has(at) && !asked.has(at) ? [at] : [],
    );
    const exact = found.filter((at) => names[at] === plain(field));
    const [at, other] = exact.length > 0 ? exact : found;
    if (at === undefined) continue;
    if (other !== undefined) {
      throw usageError(
        `columns "${headers[at]}" (${at + 1}) and "${headers[other]}" (${other + 1}) could both be ${field}. Say which: --map "${headers[at]}=${field}", or leave one out: --map "${headers[other]}=-"`,
      );
    }
    columns.set(field, at);
  }
  // Beside a remoteId, as in our own lists, `id` is the id that Rollcall gave; alone it is the one of the other system.
  const id = names.findIndex((name, at) => name === 'id' && !ignored.has(at) && !asked.has(at));
  if (id === -1) return;
  const field = columns.has('remoteId') ? 'id' : 'remoteId';
  if (!columns.has(field)) columns.set(field, id);
}

function needKey(headers: readonly string[], columns: ReadonlyMap<RosterField, number>): void {
  if (columns.has('remoteId') || columns.has('email')) return;
  throw usageError(
    `no column of the file is known as remoteId or email, and people are found by these. Its first row has: ${listed(headers)}. Say which column is which: --map "HEADER=email" (or remoteId)`,
  );
}

function listed(headers: readonly string[]): string {
  const shown = headers.slice(0, 30).map((header) => JSON.stringify(header.slice(0, 40)));
  return shown.join(', ') + (headers.length > 30 ? ` and ${headers.length - 30} more` : '');
}

/** In words, which column was taken for what. */
export function describeMapping({ format, headers, columns, states, preferred, wholeName }: RosterMapping): string {
  const pairs = [...columns].filter(([field]) => field !== 'active').map(([field, at]) => `${headers[at]} -> ${field}`);
  for (const [field, at] of preferred) pairs.push(`${headers[at]} -> ${field} (first choice)`);
  for (const at of states) pairs.push(`${headers[at]} -> active`);
  if (wholeName !== null) pairs.push(`${headers[wholeName]} -> firstName, lastName`);
  return `${format}: ${pairs.join(', ')}`;
}
