import { InvalidResponseError, TruncatedError } from './errors.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/**
 * Cuts the text of a JSON array into the texts of its elements as it comes, in pieces of any size. Each character is
 * looked at once; at most one element is held.
 */
class JsonArraySplitter {
  #state: 'before' | 'inside' | 'after' = 'before';
  /** Brackets and braces open within the element. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** What came of the present element in earlier pieces. */
  #parts: string[] = [];
  #count = 0;

  /** The elements that this piece completes. */
  *push(text: string): Generator<string> {
    let from = this.#begin(text);
    for (let at = from; at < text.length && this.#state === 'inside'; at++) {
      if (!this.#endsElement(text.charCodeAt(at))) continue;
      this.#parts.push(text.slice(from, at));
      from = at + 1;
      const element = this.#take();
      if (element !== null) yield element;
    }
    if (this.#state === 'inside') this.#parts.push(text.slice(from));
    else if (text.slice(from).trim() !== '') throw invalid();
  }

  /** Throws where the array is not closed. */
  end(): void {
    if (this.#state !== 'after') {
      throw new TruncatedError('The list broke off before its end: what was read of it is not the whole. Ask again.');
    }
  }

  /** Where the elements begin. */
  #begin(text: string): number {
    if (this.#state !== 'before') return 0;
    const first = text.search(/\S/);
    if (first === -1) return text.length;
    if (text.charCodeAt(first) !== OPENING_BRACKET) throw invalid();
    this.#state = 'inside';
    return first + 1;
  }

  #endsElement(code: number): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) this.#inString = false;
      return false;
    }
    if (code === QUOTE) this.#inString = true;
    else if (code === OPENING_BRACE || code === OPENING_BRACKET) this.#depth++;
    else if (this.#depth > 0) {
      if (code === CLOSING_BRACE || code === CLOSING_BRACKET) this.#depth--;
    } else if (code === CLOSING_BRACKET) {
      this.#state = 'after';
      return true;
    } else return code === COMMA;
    return false;
  }

  /** The element as a whole; null where an empty array ends. */
  #take(): string | null {
    const element = this.#parts.join('');
    this.#parts = [];
    const isBlank = element.trim() === '';
    if (isBlank && this.#state === 'after' && this.#count === 0) return null;
    if (isBlank) throw invalid();
    this.#count++;
    return element;
  }
}

/** The elements of a JSON array that comes in chunks of bytes; throws where it is cut short or is none. */
export async function* readJsonArray<Element>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Element> {
  const splitter = new JsonArraySplitter();
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    for (const text of splitter.push(decoder.decode(chunk, { stream: true }))) yield parse(text) as Element;
  }
  for (const text of splitter.push(decoder.decode())) yield parse(text) as Element;
  splitter.end();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid();
  }
}

function invalid(): InvalidResponseError {
  return new InvalidResponseError('The answer is no list of records: is this the address of a Rollcall server?');
}
