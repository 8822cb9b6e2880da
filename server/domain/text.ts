import { limits } from '@rollcall/contract/limits.ts';

/**
 * What a rule on text answers: the text to keep, or the reason of its refusal: a phrase that follows the field's name.
 */
export type TextResult = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

/** Nearly all text there is; everything else is looked at closely. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Characters that no stored text may hold, since each of them makes one text look or travel as another:
 * - control characters (C0, DEL, C1): they break terminals, CSV and logs;
 * - lone surrogates: they have no UTF-8 form, so a database would silently store something else;
 * - the line and paragraph separators: many readers of NDJSON and logs end a line at them;
 * - bidirectional embeddings, overrides and isolates: they reorder what stands *around* the name in a roster.
 *
 * Joiners and the plain direction marks stay allowed: Persian and Indic names, emoji and mixed scripts need them.
 */
const REFUSED = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** White space at the edges: what `trim` knows, and the C1 control "next line", which Unicode counts as white space. */
const WHITE_SPACE = /[\s\u0085]/;

/** Removes Unicode white space (and a byte order mark) at both ends. */
export function trimWhiteSpace(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('\u0085') && !trimmed.endsWith('\u0085')) return trimmed;
  let start = 0;
  let end = trimmed.length;
  while (start < end && WHITE_SPACE.test(trimmed.charAt(start))) start++;
  while (end > start && WHITE_SPACE.test(trimmed.charAt(end - 1))) end--;
  return trimmed.slice(start, end);
}

/**
 * Whether a text has more than `limit` characters. Characters are Unicode code points, as in JSON Schema's
 * `maxLength`.
 */
export function isLongerThan(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > 2 * limit) return true;
  let characters = 0;
  for (const _ of text) characters++;
  return characters > limit;
}

function refusedCharacter(text: string): string | null {
  if (PLAIN.test(text)) return null;
  const codePoint = REFUSED.exec(text)?.[0].codePointAt(0);
  if (codePoint === undefined) return null;
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A text of one line: trimmed, at most so many characters, no control characters; may be empty. */
export function cleanLine(text: string, lengthMax: number): TextResult {
  return cleanText(trimWhiteSpace(text), lengthMax, (trimmed) => trimmed);
}

/**
 * A text of several lines: trimmed, at most so many characters, may be empty. Lines end in a line feed, also those that
 * came with a carriage return; tabs stay, other control characters are refused.
 */
export function cleanParagraphs(text: string, lengthMax: number): TextResult {
  const lines = trimWhiteSpace(text).replaceAll(/\r\n?/g, '\n');
  return cleanText(lines, lengthMax, (trimmed) => trimmed.replaceAll(/[\n\t]/g, ' '));
}

/** `withoutAllowed` takes out what would be refused elsewhere but is allowed in this text. */
function cleanText(trimmed: string, lengthMax: number, withoutAllowed: (text: string) => string): TextResult {
  if (isLongerThan(trimmed, lengthMax)) {
    return { ok: false, reason: `is longer than ${lengthMax} characters; shorten it` };
  }
  const refused = refusedCharacter(withoutAllowed(trimmed));
  if (refused !== null) return { ok: false, reason: `contains the control character ${refused}; remove it` };
  return { ok: true, text: trimmed };
}

/** A first or last name: trimmed, at most 256 characters, no control characters; may be empty (contract: Fields). */
export function cleanName(text: string): TextResult {
  return cleanLine(text, limits.nameCharactersMax);
}

/** A user's key in the integrator's own system: trimmed, 1 to 256 characters, no control characters; case matters. */
export function cleanRemoteId(text: string): TextResult {
  const cleaned = cleanLine(text, limits.remoteIdCharactersMax);
  if (cleaned.ok && cleaned.text === '') return { ok: false, reason: 'is empty; send a value or leave it out' };
  return cleaned;
}
