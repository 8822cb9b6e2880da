import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseCoding, compress } from './compression.ts';
import type { Answer, StreamedBody } from './context.ts';
import { entityTag, matchesAny } from './etag.ts';
import { withReaderPace } from './reader-pace.ts';

/** Bodies shorter than this are not worth coding. */
const CODING_BYTES_MIN = 1_024;
/**
 * The slowest reader that a stream is kept up for. Generous, since the sockets of both sides hold megabytes and report
 * progress in large steps only.
 */
const READER_PACE = { bytesMin: 65_536, windowMs: 60_000 };

/** Sends an answer: 304 where the client has it already, coded where it asks for that, streamed where it is long. */
export async function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<unknown> {
  const { headers } = request;
  const coding = chooseCoding(headers['accept-encoding']);
  if (answer.headers) reply.headers(answer.headers);
  if (answer.version !== undefined) {
    const tag = entityTag(answer.version, answer.contentType, coding);
    reply.header('etag', tag).header('vary', 'Accept, Accept-Encoding, Authorization, X-API-Key');
    reply.header('cache-control', 'private, no-cache');
    const known = headers['if-none-match'];
    if (known !== undefined && matchesAny(known, tag)) return reply.code(304).send();
  } else {
    reply.header('cache-control', 'no-store');
  }
  reply.code(answer.status ?? 200).header('content-type', answer.contentType);
  if (request.method === 'HEAD') return reply.send();
  const body = await answer.body();
  const whole = typeof body === 'string' || body instanceof Uint8Array;
  if (whole && (coding === 'identity' || body.length < CODING_BYTES_MIN)) return reply.send(body);
  const source = whole ? Readable.from([body], { objectMode: false }) : openStream(reply, body);
  if (coding === 'identity') return reply.send(source);
  return reply.header('content-encoding', coding).send(compress(source, coding));
}

function openStream(reply: FastifyReply, body: StreamedBody): Readable {
  reply.headers(body.headers);
  const tooSlow = () => stream.destroy(new Error('the reader took too little for too long'));
  const stream = Readable.from(withReaderPace(body.chunks, READER_PACE, tooSlow), { highWaterMark: 1 });
  stream.once('close', () => void body.close());
  return stream;
}
