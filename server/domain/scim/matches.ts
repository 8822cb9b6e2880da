import type { Compared, Filter, FilterValue } from './filter.ts';
import { ScimRefusal, shown } from './refusal.ts';

/** A value of a multi-valued attribute: its parts by name in lower case. */
export type ComplexValue = ReadonlyMap<string, FilterValue>;

/** A value from its parts, whose names are in lower case. */
export function complexValue(parts: Readonly<Record<string, FilterValue>>): ComplexValue {
  return new Map(Object.entries(parts));
}

/** Letters A to Z in lower case, others as they are: what databases do too, whatever their language. */
export function foldCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Whether a value passes a filter such as `type eq "work"`; texts are compared without case. A part that the value does
 * not have is not there.
 */
export function matchesValue(filter: Filter, value: ComplexValue): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matchesValue(part, value));
    case 'or':
      return filter.parts.some((part) => matchesValue(part, value));
    case 'not':
      return !matchesValue(filter.part, value);
    case 'present':
      return partOf(filter, value) !== null;
    case 'compare':
      return matchesComparison(filter, partOf(filter, value));
    case 'some':
      throw new ScimRefusal(
        'invalidPath',
        `The path has brackets after ${shown(filter.path.name)}, where none can be.`,
      );
  }
}

function partOf({ path }: { readonly path: { readonly name: string } }, value: ComplexValue): FilterValue {
  return value.get(path.name) ?? null;
}

function matchesComparison({ operator, value: wanted }: Compared, there: FilterValue): boolean {
  if (operator === 'eq') return isEqual(there, wanted);
  if (operator === 'ne') return !isEqual(there, wanted);
  if (typeof there !== 'string' || typeof wanted !== 'string') return false;
  const [text, other] = [foldCase(there), foldCase(wanted)];
  switch (operator) {
    case 'co':
      return text.includes(other);
    case 'sw':
      return text.startsWith(other);
    case 'ew':
      return text.endsWith(other);
    case 'gt':
      return text > other;
    case 'ge':
      return text >= other;
    case 'lt':
      return text < other;
    case 'le':
      return text <= other;
  }
}

function isEqual(there: FilterValue, wanted: FilterValue): boolean {
  if (typeof there === 'string' && typeof wanted === 'string') return foldCase(there) === foldCase(wanted);
  return there === wanted;
}
