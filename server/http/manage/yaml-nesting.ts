import type { Lexer } from 'yaml';

/** Far more than a module needs; the parser calls itself for each level. */
const LEVELS_MAX = 32;

/** So many indicators in front of one line that already splitting it into tokens takes a call for each. */
const STACKED_INDICATORS = /^[ \t]*(?:[-?:][ \t]+){100}/m;

/** Whether a YAML text is nested so deeply that it is not to be parsed. Reads tokens only, so that depth costs nothing. */
export function isNestedTooDeeply(text: string, lexer: Lexer): boolean {
  if (STACKED_INDICATORS.test(text)) return true;
  /** Columns at which the block collections around the token may begin. */
  const columns: number[] = [];
  let flowLevels = 0;
  let column = 0;
  for (const token of lexer.lex(text)) {
    if (isMark(token)) continue;
    if (token === '[' || token === '{') flowLevels++;
    else if (token === ']' || token === '}') flowLevels--;
    else if (flowLevels === 0 && !isBlank(token)) {
      while ((columns.at(-1) ?? -1) >= column) columns.pop();
      columns.push(column);
    }
    if (flowLevels + columns.length > LEVELS_MAX) return true;
    const lineEnd = token.lastIndexOf('\n');
    column = lineEnd < 0 ? column + token.length : token.length - lineEnd - 1;
  }
  return false;
}

/** Marks of the lexer (a document or scalar begins, a flow collection is broken) are no text. */
function isMark(token: string): boolean {
  return token === '\u0002' || token === '\u0018' || token === '\u001f';
}

function isBlank(token: string): boolean {
  return token.trim() === '' || token.startsWith('#');
}
