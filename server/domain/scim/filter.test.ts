import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Filter, type FilterValue, parseFilter, parsePath } from './filter.ts';
import { complexValue, matchesValue } from './matches.ts';
import { type AttributePath, splitAttribute } from './path.ts';
import { ScimRefusal } from './refusal.ts';

const NAMES = ['userName', 'emails.value', 'name.givenName', 'and', 'or', 'not', 'pr', 'a-b_9', '$ref'];

const path = fc.constantFrom(...NAMES).map((name) => splitAttribute(name) as AttributePath);
const plainPath = fc.constantFrom('value', 'type', 'primary').map((name) => splitAttribute(name) as AttributePath);
const value: fc.Arbitrary<FilterValue> = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab"\\()[] é€.:') }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const operator = fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le');

/** Any filter over those paths, as the reader makes them: an "and" holds no "and" itself, and brackets are not kept. */
function filters(paths: fc.Arbitrary<AttributePath>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter; leaf: Filter }>((tie) => ({
    leaf: fc.oneof(
      fc.record({ kind: fc.constant('present' as const), path: paths }),
      fc.record({ kind: fc.constant('compare' as const), path: paths, operator, value }) as fc.Arbitrary<Filter>,
    ),
    filter: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      tie('leaf'),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        parts: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), part: tie('filter') }),
    ),
  })).filter;
}

/** With a bracket around every part, so that nothing depends on which operator binds closer. */
function print(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.parts.map((part) => `(${print(part)})`).join(` ${filter.kind} `);
    case 'not':
      return `not (${print(filter.part)})`;
    case 'present':
      return `${name(filter.path)} pr`;
    case 'compare':
      return `${name(filter.path)} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'some':
      return `${name(filter.path)}[${print(filter.part)}]`;
  }
}

function name({ name: first, sub }: AttributePath): string {
  return sub === null ? first : `${first}.${sub}`;
}

describe('a filter', () => {
  test('that is written down is read as what it was', () => {
    fc.assert(
      fc.property(filters(path), (filter) => {
        expect(parseFilter(print(filter))).toEqual(filter);
      }),
    );
  });

  test('inside a value path is read as what it was', () => {
    fc.assert(
      fc.property(filters(plainPath), (part) => {
        const some: Filter = { kind: 'some', path: splitAttribute('emails') as AttributePath, part };
        expect(parseFilter(print(some))).toEqual(some);
        expect(parsePath(`emails[${print(part)}].value`)).toMatchObject({ name: 'emails', sub: 'value', filter: part });
      }),
    );
  });

  test('that is negated lets through whom it did not, whatever the value lacks', () => {
    const held = fc.record({ value: value, type: fc.constantFrom('work', 'home', null), primary: fc.boolean() });
    fc.assert(
      fc.property(filters(plainPath), held, (filter, parts) => {
        const there = complexValue(parts);
        expect(matchesValue({ kind: 'not', part: filter }, there)).toBe(!matchesValue(filter, there));
      }),
    );
  });

  test('of any text is read or refused, and nothing else', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            '(',
            ')',
            '[',
            ']',
            'not',
            'and',
            'or',
            'eq',
            'pr',
            'a',
            'a.b',
            '"x"',
            '1',
            'true',
            '.v',
            ' ',
          ),
        )
        .map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (filter) => {
        try {
          parseFilter(filter);
        } catch (error) {
          expect(error).toBeInstanceOf(ScimRefusal);
          expect((error as ScimRefusal).fault).toBe('invalidFilter');
        }
      }),
    );
  });

  test('binds "and" closer than "or", and "not" closest', () => {
    expect(parseFilter('a pr or b pr and not (c pr) or d pr')).toEqual(
      parseFilter('(a pr) or ((b pr) and (not (c pr))) or (d pr)'),
    );
  });

  test.each(['(', 'not (', 'emails['])('of 100,000 times %j is refused without harm to the stack', (bracket) => {
    expect(() => parseFilter(bracket.repeat(100_000))).toThrow(ScimRefusal);
    expect(() => parseFilter(bracket.repeat(1_000))).toThrow(/nested|brackets|name/);
  });
});

describe('a path', () => {
  test('of any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        try {
          parsePath(text);
        } catch (error) {
          expect((error as ScimRefusal).fault).toBe('invalidPath');
        }
      }),
    );
  });

  test.each([
    '',
    '.',
    'a.',
    '.a',
    'a.b.c',
    'a b',
    '__proto__',
    'a.__proto__',
    'constructor',
    'A.Prototype',
    'a]',
    'a[x pr',
    'a[x pr]b',
    'a[x pr].b.c',
    'a.b[x pr]',
    '[x pr]',
    'a[]',
  ])('%j is refused', (text) => {
    expect(() => parsePath(text)).toThrow(ScimRefusal);
  });
});
