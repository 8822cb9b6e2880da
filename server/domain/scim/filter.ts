import { filterTokens, type Token } from './filter-tokens.ts';
import { type AttributePath, notAPath, splitAttribute } from './path.ts';
import { ScimRefusal, shown } from './refusal.ts';

export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type FilterValue = string | number | boolean | null;

/** A filter as RFC 7644, section 3.4.2.2 has it, read. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | Compared
  /** One value of a multi-valued attribute passes all of `part`, whose paths are names of its parts. */
  | { readonly kind: 'some'; readonly path: AttributePath; readonly part: Filter };

export interface Compared {
  readonly kind: 'compare';
  readonly path: AttributePath;
  readonly operator: Comparison;
  readonly value: FilterValue;
}

/** What an operation of a PATCH is about: an attribute, some values of it, or a part of those. */
export interface TargetPath extends AttributePath {
  /** Which values of a multi-valued attribute are meant. */
  readonly filter: Filter | null;
}

/** How deep brackets may be nested, and how many comparisons there may be: databases have such limits too. */
const DEPTH_MAX = 32;
const TERMS_MAX = 200;

const COMPARISONS: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);

/** Reads a filter; refuses with `invalidFilter`, naming the place. */
export function parseFilter(text: string): Filter {
  const reader = new FilterReader(filterTokens(text));
  const filter = reader.readFilter();
  reader.expectEnd();
  return filter;
}

/** Reads the path of a PATCH operation: `name`, `name.sub`, `name[filter]`, `name[filter].sub`; refuses with `invalidPath`. */
export function parsePath(text: string): TargetPath {
  const trimmed = text.trim();
  const bracket = trimmed.indexOf('[');
  if (bracket < 0) {
    const path = splitAttribute(trimmed);
    if (!path) throw notAPath(text);
    return { ...path, filter: null };
  }
  const end = trimmed.lastIndexOf(']');
  const path = splitAttribute(trimmed.slice(0, bracket));
  const rest = trimmed.slice(end + 1);
  const sub = rest === '' ? null : splitAttribute(rest.slice(1));
  if (!path || path.sub !== null || end < bracket || (rest !== '' && (!rest.startsWith('.') || !sub || sub.sub))) {
    throw notAPath(text);
  }
  const filter = readPathFilter(trimmed.slice(bracket + 1, end), text);
  return { ...path, sub: sub?.name ?? null, filter };
}

function readPathFilter(text: string, path: string): Filter {
  try {
    const reader = new FilterReader(filterTokens(text), { isInside: true });
    const filter = reader.readFilter();
    reader.expectEnd();
    return filter;
  } catch (error) {
    if (!(error instanceof ScimRefusal)) throw error;
    throw new ScimRefusal('invalidPath', `The path ${shown(path)}: ${error.message}`);
  }
}

class FilterReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #terms = 0;
  #isInside: boolean;

  constructor(tokens: readonly Token[], { isInside = false }: { readonly isInside?: boolean } = {}) {
    this.#tokens = tokens;
    this.#isInside = isInside;
  }

  readFilter(): Filter {
    if (++this.#depth > DEPTH_MAX) throw refuse(`is nested more than ${DEPTH_MAX} deep; write it flatter`);
    const filter = this.#readJoined('or', () => this.#readJoined('and', () => this.#readTerm()));
    this.#depth--;
    return filter;
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token) throw refuse(`goes on with ${describe(token)} where it should end, or go on with "and" or "or"`);
  }

  #readJoined(kind: 'and' | 'or', readPart: () => Filter): Filter {
    const first = readPart();
    if (!this.#takeWord(kind)) return first;
    const parts = [first];
    do parts.push(readPart());
    while (this.#takeWord(kind));
    return { kind, parts };
  }

  #readTerm(): Filter {
    if (++this.#terms > TERMS_MAX) throw refuse(`has more than ${TERMS_MAX} conditions; ask in several requests`);
    if (this.#take('(')) return this.#readUntil(')');
    const token = this.#tokens[this.#at];
    if (token?.kind === 'word' && token.text.toLowerCase() === 'not' && this.#tokens[this.#at + 1]?.kind === '(') {
      this.#at += 2;
      return { kind: 'not', part: this.#readUntil(')') };
    }
    return this.#readAttribute();
  }

  #readUntil(bracket: ')' | ']'): Filter {
    const filter = this.readFilter();
    if (!this.#take(bracket)) throw refuse(`lacks a "${bracket}"`);
    return filter;
  }

  #readAttribute(): Filter {
    const word = this.#word();
    const path = splitAttribute(word);
    if (!path) throw refuse(`names ${shown(word)}, which is not an attribute path`);
    if (!this.#take('[')) return this.#readComparison(path);
    if (this.#isInside || path.sub !== null) throw refuse(`has brackets after ${shown(word)}, where none can be`);
    this.#isInside = true;
    const part = this.#readUntil(']');
    this.#isInside = false;
    return { kind: 'some', path, part: this.#readBehindBracket(part) };
  }

  /** `emails[type eq "work"].value eq "…"`, as Entra writes it: one more condition on the same value. */
  #readBehindBracket(part: Filter): Filter {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || !token.text.startsWith('.')) return part;
    this.#at++;
    const path = splitAttribute(token.text.slice(1));
    if (!path || path.sub !== null) throw refuse(`names ${shown(token.text)}, which is no part of a value`);
    return { kind: 'and', parts: [part, this.#readComparison(path)] };
  }

  #readComparison(path: AttributePath): Filter {
    const word = this.#word();
    const operator = word.toLowerCase();
    if (operator === 'pr') return { kind: 'present', path };
    if (!COMPARISONS.has(operator)) {
      throw refuse(`has ${shown(word)} for an operator; there are ${[...COMPARISONS].join(', ')} and pr`);
    }
    return { kind: 'compare', path, operator: operator as Comparison, value: this.#value() };
  }

  #value(): FilterValue {
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'text' || token?.kind === 'number') return token.value;
    const literal = token?.kind === 'word' ? LITERALS.get(token.text.toLowerCase()) : undefined;
    if (literal !== undefined) return literal;
    throw refuse(
      `has ${describe(token)} where a value should be: a text in double quotes, a number, true, false or null`,
    );
  }

  #word(): string {
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'word') return token.text;
    throw refuse(`has ${describe(token)} where a name should be`);
  }

  #take(kind: '(' | ')' | '[' | ']'): boolean {
    if (this.#tokens[this.#at]?.kind !== kind) return false;
    this.#at++;
    return true;
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }
}

const LITERALS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function refuse(why: string): ScimRefusal {
  return new ScimRefusal('invalidFilter', `The filter ${why}.`);
}

function describe(token: Token | undefined): string {
  if (!token) return 'its end';
  if (token.kind === 'word') return shown(token.text);
  return 'value' in token ? shown(token.value) : `"${token.kind}"`;
}
