import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { parseDateTime } from '../domain/date-time.ts';
import type { Compared, Filter, FilterValue } from '../domain/scim/filter.ts';
import { foldCase } from '../domain/scim/matches.ts';
import { type AttributePath, localName, splitAttribute } from '../domain/scim/path.ts';
import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import type { ResourceSchema } from '../domain/scim/schemas.ts';

/** An attribute with one value, as SQL. */
export interface FilterColumn {
  readonly type: 'text' | 'boolean' | 'time';
  /** Folded already where case does not count. */
  readonly value: RawBuilder<unknown>;
  /** How a text that it is compared with is folded; absent where case counts. */
  readonly fold?: (text: string) => string;
}

/** An attribute with several values: the parts of one, and how to ask whether there is one that passes. */
export interface FilterValues {
  readonly parts: Readonly<Record<string, FilterColumn>>;
  readonly exists: (condition: RawBuilder<SqlBool>) => RawBuilder<SqlBool>;
}

/** What a resource can be filtered by; names in lower case, parts behind a point. */
export interface FilterColumns {
  readonly schema: ResourceSchema;
  readonly columns: Readonly<Record<string, FilterColumn>>;
  readonly values: Readonly<Record<string, FilterValues>>;
}

const TRUE = sql<SqlBool>`1 = 1`;
const FALSE = sql<SqlBool>`1 = 0`;

/**
 * A filter as a condition that is true or false and never null, so that `not` means what it says. Refuses with
 * `invalidFilter` what names attributes that are not kept, or compares what cannot be compared.
 */
export function filterCondition(filter: Filter, columns: FilterColumns): RawBuilder<SqlBool> {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return joined(
        filter.kind,
        filter.parts.map((part) => filterCondition(part, columns)),
      );
    case 'not':
      return sql`(not ${filterCondition(filter.part, columns)})`;
    case 'some':
      return someCondition(filter, columns);
    default: {
      const { column, exists } = columnAt(filter.path, columns);
      const condition = filter.kind === 'present' ? isPresent(column) : comparison(filter, column);
      return exists ? exists(condition) : condition;
    }
  }
}

function joined(kind: 'and' | 'or', conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return sql`(${sql.join([...conditions], kind === 'and' ? sql` and ` : sql` or `)})`;
}

function someCondition({ path, part }: Filter & { kind: 'some' }, columns: FilterColumns): RawBuilder<SqlBool> {
  const name = localName(path, columns.schema) ?? '';
  const values = own(columns.values, name);
  if (!values) throw unknown(path, Object.keys(columns.values));
  return values.exists(filterCondition(part, { schema: columns.schema, columns: values.parts, values: {} }));
}

function columnAt(
  path: AttributePath,
  columns: FilterColumns,
): { column: FilterColumn; exists?: FilterValues['exists'] } {
  const name = localName(path, columns.schema) ?? '';
  const column = own(columns.columns, name);
  if (column) return { column };
  const values = name === '' ? undefined : own(columns.values, path.name);
  const part = values && own(values.parts, path.sub ?? 'value');
  if (values && part) return { column: part, exists: values.exists };
  throw unknown(path, [...Object.keys(columns.columns), ...Object.keys(columns.values)]);
}

/** The one value by which a resource is sorted; refuses with `invalidValue` what it cannot be sorted by. */
export function sortColumn(name: string, columns: FilterColumns): FilterColumn {
  const path = splitAttribute(name);
  if (path) {
    try {
      return columnAt(path, columns).column;
    } catch (error) {
      if (!(error instanceof ScimRefusal)) throw error;
    }
  }
  const known = [...Object.keys(columns.columns), ...Object.keys(columns.values)].join(', ');
  throw new ScimRefusal('invalidValue', `Nothing here can be sorted by ${shown(name)}; by these: ${known}.`);
}

/** What a record has itself under that name. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function unknown({ name, sub }: AttributePath, known: readonly string[]): ScimRefusal {
  const path = sub === null ? name : `${name}.${sub}`;
  return new ScimRefusal(
    'invalidFilter',
    `Nothing here can be filtered by ${shown(path)}; by these: ${known.join(', ')}.`,
  );
}

function isPresent({ value }: FilterColumn): RawBuilder<SqlBool> {
  return sql`(${value} is not null)`;
}

function comparison(filter: Compared, column: FilterColumn): RawBuilder<SqlBool> {
  const { operator, value } = filter;
  if (operator === 'ne') return sql`(not ${comparison({ ...filter, operator: 'eq' }, column)})`;
  if (value === null) {
    if (operator === 'eq') return sql`(${column.value} is null)`;
    throw refuse(filter, 'null can be compared by eq and ne only');
  }
  const condition = CONDITIONS[column.type](filter, column, value);
  return sql`(${column.value} is not null and ${condition})`;
}

type Condition = (filter: Compared, column: FilterColumn, value: NonNullable<FilterValue>) => RawBuilder<SqlBool>;

const CONDITIONS: Readonly<Record<FilterColumn['type'], Condition>> = {
  boolean: (filter, column, value) => {
    const wanted = typeof value === 'string' ? BOOLEANS.get(value.toLowerCase()) : value;
    if (filter.operator !== 'eq' || typeof wanted !== 'boolean') {
      throw refuse(filter, 'it is compared by eq and ne with true or false');
    }
    return sql`${column.value} = ${wanted ? 1 : 0}`;
  },
  time: (filter, column, value) => {
    const time = typeof value === 'string' ? parseDateTime(value) : NO_TIME;
    if (!time.ok) throw refuse(filter, 'it is compared with a time such as "2024-06-15T14:00:00Z"');
    const operator = ORDER.get(filter.operator);
    if (!operator) throw refuse(filter, 'it is compared by eq, ne, gt, ge, lt and le');
    return sql`${column.value} ${operator} ${time.at}`;
  },
  text: (filter, column, value) => {
    if (typeof value !== 'string') throw refuse(filter, 'it is compared with a text in double quotes');
    return textCondition(filter, column, column.fold?.(value) ?? value);
  },
};

const NO_TIME = { ok: false } as const;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

const ORDER: ReadonlyMap<string, RawBuilder<unknown>> = new Map([
  ['eq', sql`=`],
  ['gt', sql`>`],
  ['ge', sql`>=`],
  ['lt', sql`<`],
  ['le', sql`<=`],
]);

/** With functions that both engines have, and that know no wildcards. */
function textCondition({ operator }: Compared, column: FilterColumn, text: string): RawBuilder<SqlBool> {
  const { value } = column;
  const order = ORDER.get(operator);
  if (order) return sql`${value} ${order} ${text}`;
  if (text === '') return TRUE;
  const part = column.fold ? foldCase(text) : text;
  const length = sql.lit([...part].length);
  if (operator === 'sw') return sql`substr(${value}, 1, ${length}) = ${part}`;
  // A text has a part where it is another without it.
  if (operator === 'co') return sql`replace(${value}, ${part}, '') <> ${value}`;
  if (operator !== 'ew') return FALSE;
  return sql`(length(${value}) >= ${length} and substr(${value}, length(${value}) - ${length} + 1) = ${part})`;
}

function refuse({ path, operator, value }: Compared, why: string): ScimRefusal {
  const name = path.sub === null ? path.name : `${path.name}.${path.sub}`;
  return new ScimRefusal('invalidFilter', `The filter compares ${name} by ${operator} with ${shown(value)}; ${why}.`);
}
