import { ScimRefusal, shown } from './refusal.ts';

/** The longest filter: more than fits into an address, and short enough to be read at once. */
const FILTER_CHARACTERS_MAX = 16_384;

export type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: '(' | ')' | '[' | ']' };

const TOKEN =
  /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:$-]))|(\.?[A-Za-z$_][\w.:$-]*))/suy;

/** Characters that no stored text holds, and that a database may refuse. */
const NEVER_STORED = /[\p{Cc}\p{Cs}]/u;

/** The words, values and brackets of a filter; refuses with `invalidFilter` what is none of these. */
export function filterTokens(filter: string): Token[] {
  if (filter.length > FILTER_CHARACTERS_MAX) {
    throw new ScimRefusal(
      'invalidFilter',
      `The filter has more than ${FILTER_CHARACTERS_MAX} characters; ask in several requests.`,
    );
  }
  const tokens: Token[] = [];
  const text = filter.trimEnd();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (!match) throw new ScimRefusal('invalidFilter', `The filter cannot be read at ${shown(text.slice(at))}.`);
    tokens.push(tokenOf(match));
  }
  return tokens;
}

function tokenOf([, bracket, quoted, number, word = '']: RegExpExecArray): Token {
  if (bracket !== undefined) return { kind: bracket as '(' };
  if (number !== undefined) return { kind: 'number', value: Number(number) };
  if (quoted === undefined) return { kind: 'word', text: word };
  return { kind: 'text', value: readText(quoted) };
}

function readText(quoted: string): string {
  let value: string;
  try {
    value = JSON.parse(quoted) as string;
  } catch {
    throw new ScimRefusal('invalidFilter', `The value ${shown(quoted)} of the filter is not a JSON string.`);
  }
  if (!NEVER_STORED.test(value)) return value;
  throw new ScimRefusal('invalidFilter', `The value ${shown(value)} of the filter has a control character; remove it.`);
}
