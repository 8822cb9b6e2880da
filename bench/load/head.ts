const END = '\r\n\r\n';
/** Statuses that never have a body (RFC 9112, section 6.3). */
const BODILESS = new Set([204, 304]);

const CONTENT_LENGTH = headerPattern('content-length');

/** Finds a header field by name, whatever its case. */
export function headerPattern(name: string): RegExp {
  return new RegExp(`\\r\\n${name}:[ \\t]*([^\\r]*)`, 'i');
}

/** The value of the field that the pattern finds in the text of a head. */
export function headerOf(head: string, pattern: RegExp): string | undefined {
  return pattern.exec(head)?.[1]?.trimEnd();
}

/** Reads the head of an HTTP/1.1 answer, in however many pieces it comes: its status and the length of its body. */
export class HeadReader {
  /** True once the whole head was read. */
  complete = false;
  status = 0;
  /** Status line and header fields as they came. */
  text = '';
  /** Bytes of the body; 0 where the head names no length. */
  contentLength = 0;
  #pending: Buffer | undefined;

  /** Takes the next bytes; answers what follows the head, or undefined while the head is not complete. */
  read(bytes: Buffer): Buffer | undefined {
    const all = this.#pending ? Buffer.concat([this.#pending, bytes]) : bytes;
    const end = all.indexOf(END);
    if (end < 0) {
      this.#pending = Buffer.from(all);
      return undefined;
    }
    const text = all.toString('latin1', 0, end);
    this.#pending = undefined;
    this.complete = true;
    this.text = text;
    this.status = Number(text.slice(9, 12));
    this.contentLength = BODILESS.has(this.status) ? 0 : Number(headerOf(text, CONTENT_LENGTH) ?? 0);
    return all.subarray(end + END.length);
  }

  /** Ready for the next answer. */
  reset(): void {
    this.complete = false;
  }
}
