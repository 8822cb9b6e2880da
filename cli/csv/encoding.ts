import { isAscii, isUtf8 } from 'node:buffer';

export const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const;
export type Encoding = (typeof encodings)[number];

/** How the bytes of a file stand for text. */
export interface TextShape {
  readonly encoding: Encoding;
  /** Whether it begins with a byte order mark. */
  readonly hasBom: boolean;
}

/** Of a file whose first bytes say nothing of its encoding, so much is looked at. */
const SAMPLE_BYTES = 65_536;

/** Turns bytes into text, piece by piece, and finds out how. */
export class RosterDecoder {
  #shape: TextShape | null = null;
  #asked: Encoding | null;
  #decoder: TextDecoder | null = null;
  /** Bytes that are not decoded yet. */
  #held: Buffer = Buffer.alloc(0);
  #isStarted = false;

  /** `asked`: what the user says, instead of what the bytes say. */
  constructor(asked: Encoding | null = null) {
    this.#asked = asked;
  }

  /** How the text is written; as long as it is plain ASCII, UTF-8. */
  get shape(): TextShape {
    return this.#shape ?? { encoding: 'utf-8', hasBom: false };
  }

  push(bytes: Uint8Array): string {
    this.#held =
      this.#held.length === 0
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Buffer.concat([this.#held, bytes]);
    if (!this.#isStarted && this.#held.length < SAMPLE_BYTES) return '';
    return this.#decode(false);
  }

  end(): string {
    return this.#decode(true);
  }

  #decode(isEnd: boolean): string {
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#start();
    }
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    if (this.#decoder) return this.#decoder.decode(held, { stream: !isEnd });
    const plain = asciiLength(held);
    if (plain === held.length) return held.toString('latin1');
    // The first byte that is no ASCII tells: what follows is UTF-8, or else what Windows writes in the West.
    const rest = held.subarray(plain);
    const whole = isEnd ? rest : withoutPartOfCharacter(rest);
    if (whole.length === 0) {
      this.#held = rest;
      return held.toString('latin1', 0, plain);
    }
    const decoder = this.#settle(looksLikeUtf8(whole) ? 'utf-8' : 'windows-1252', false);
    return held.toString('latin1', 0, plain) + decoder.decode(rest, { stream: !isEnd });
  }

  #start(): void {
    const bom = bomOf(this.#held);
    if (bom && (this.#asked === null || this.#asked === bom.encoding)) {
      this.#held = this.#held.subarray(bom.length);
      this.#settle(bom.encoding, true);
      return;
    }
    const encoding = this.#asked ?? wideEncoding(this.#held.subarray(0, SAMPLE_BYTES));
    if (encoding) this.#settle(encoding, false);
  }

  #settle(encoding: Encoding, hasBom: boolean): TextDecoder {
    this.#shape = { encoding, hasBom };
    this.#decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return this.#decoder;
  }
}

function bomOf(bytes: Buffer): { encoding: Encoding; length: number } | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { encoding: 'utf-16be', length: 2 };
  return null;
}

/** UTF-16 without a mark: of its delimiters and Latin letters every other byte is zero. */
function wideEncoding(sample: Buffer): Encoding | null {
  let [even, odd] = [0, 0];
  for (const [at, byte] of sample.entries()) {
    if (byte !== 0) continue;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  }
  const many = sample.length / 8;
  if (odd > many && even < odd / 4) return 'utf-16le';
  if (even > many && odd < even / 4) return 'utf-16be';
  return null;
}

/** With some damaged bytes it still is: in other encodings hardly any two bytes in a row look like a character of UTF-8. */
function looksLikeUtf8(bytes: Buffer): boolean {
  if (isUtf8(bytes)) return true;
  const text = bytes.toString();
  const damaged = text.split('\ufffd').length - 1;
  const whole = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return whole > damaged;
}

function asciiLength(bytes: Buffer): number {
  return isAscii(bytes) ? bytes.length : bytes.findIndex((byte) => byte > 0x7f);
}

/** The bytes without the beginning of a UTF-8 character that they may end with. */
function withoutPartOfCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

const BOM = '\ufeff';

/** Text as bytes in this encoding; what Windows-1252 cannot write becomes a question mark. */
export function encode(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  return Buffer.from(Array.from(text, (character) => westernBytes().get(character) ?? 0x3f));
}

/** What a file of this shape begins with. */
export function encodedMark({ encoding, hasBom }: TextShape): Buffer {
  return hasBom ? encode(BOM, encoding) : Buffer.alloc(0);
}

let western: ReadonlyMap<string, number> | undefined;

function westernBytes(): ReadonlyMap<string, number> {
  western ??= new Map(
    Array.from({ length: 256 }, (_, byte) => [new TextDecoder('windows-1252').decode(Uint8Array.of(byte)), byte]),
  );
  return western;
}
