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
 * looked at once, and few of those within strings; of what came before, at most one element is held.
 */
class JsonArraySplitter {
  #state: 'before' | 'inside' | 'after' = 'before';
  /** Brackets and braces open within the element. */
  #depth = 0;
  #inString = false;
  /** Whether the piece before ended with a backslash that belongs to the next character. */
  #isEscaped = false;
  /** Whether the character just passed ended an element. */
  #isEnded = false;
  /** What came of the present element in earlier pieces. */
  #held: string[] = [];
  #count = 0;

  /** The elements that this piece completes. */
  push(text: string): string[] {
    const elements: string[] = [];
    let from = this.#begin(text);
    let at = from;
    while (this.#state === 'inside' && at < text.length) {
      if (this.#inString) at = this.#afterString(text, at);
      else at = this.#afterPlain(text, at);
      if (!this.#isEnded) continue;
      this.#isEnded = false;
      this.#held.push(text.slice(from, at - 1));
      from = at;
      const element = this.#take();
      if (element !== null) elements.push(element);
    }
    if (this.#state === 'inside') this.#held.push(text.slice(from));
    else if (text.slice(from).trim() !== '') throw invalid();
    return elements;
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

  /** Skips to behind the end of the string, or of the piece. */
  #afterString(text: string, from: number): number {
    let at = from;
    if (this.#isEscaped) at++;
    this.#isEscaped = false;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) {
        this.#inString = false;
        return at + 1;
      }
    }
    this.#isEscaped = at > text.length;
    return text.length;
  }

  /** Skips to behind the next character that ends the element or begins a string, or to the end of the piece. */
  #afterPlain(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#inString = true;
        return at + 1;
      }
      if (code === OPENING_BRACE || code === OPENING_BRACKET) this.#depth++;
      else if (this.#depth > 0) {
        if (code === CLOSING_BRACE || code === CLOSING_BRACKET) this.#depth--;
      } else if (code === COMMA || code === CLOSING_BRACKET) {
        if (code === CLOSING_BRACKET) this.#state = 'after';
        this.#isEnded = true;
        return at + 1;
      }
    }
    return text.length;
  }

  /** The element as a whole; null where an empty array ends. */
  #take(): string | null {
    const element = this.#held.join('');
    this.#held = [];
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
