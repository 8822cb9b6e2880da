import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Coding, chooseCoding } from './compression.ts';
import { entityTag, matchesAny } from './etag.ts';

/** What a document is made of, once. */
export interface DocumentSource {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Each is made once and sent often: smaller than answers made on the fly are. */
const CODERS: Readonly<Record<Exclude<Coding, 'identity'>, (bytes: Buffer) => Promise<Buffer>>> = {
  gzip: (bytes) => promisify(gzip)(bytes, { level: 9 }),
  br: (bytes) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  zstd: (bytes) => promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 12 } }),
};

interface MadeDocument {
  readonly source: Omit<DocumentSource, 'text'>;
  readonly version: string;
  readonly byCoding: Map<Coding, Promise<Buffer>>;
}

/**
 * A document that is the same for everyone for as long as the server runs: made when somebody first asks, kept as bytes
 * in each coding that was asked for. All answers share those bytes, so that readers who do not read cost no memory.
 */
export class SharedDocument {
  readonly #make: () => Promise<DocumentSource>;
  #made: Promise<MadeDocument> | undefined;

  constructor(make: () => Promise<DocumentSource>) {
    this.#make = make;
  }

  /** Sends it with a strong ETag; 304 where the client has it already. */
  async send(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    this.#made ??= this.#make().then(prepare);
    const { source, version, byCoding } = await this.#made;
    const coding = chooseCoding(request.headers['accept-encoding']);
    const tag = entityTag(version, source.contentType, coding);
    reply.headers({ ...source.headers, etag: tag, vary: 'Accept-Encoding', 'cache-control': source.cacheControl });
    const known = request.headers['if-none-match'];
    if (known !== undefined && matchesAny(known, tag)) return reply.code(304).send();
    const bytes = await codedBytes(byCoding, coding);
    if (coding !== 'identity') reply.header('content-encoding', coding);
    return reply.type(source.contentType).send(bytes);
  }
}

function prepare({ text, ...source }: DocumentSource): MadeDocument {
  const bytes = Buffer.from(text);
  return { source, version: hash('sha256', bytes), byCoding: new Map([['identity', Promise.resolve(bytes)]]) };
}

async function codedBytes(byCoding: MadeDocument['byCoding'], coding: Coding): Promise<Buffer> {
  const identity = (await byCoding.get('identity')) as Buffer;
  if (coding === 'identity') return identity;
  const known = byCoding.get(coding) ?? CODERS[coding](identity);
  byCoding.set(coding, known);
  return known;
}
