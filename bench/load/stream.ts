import { connect, type Socket } from 'node:net';
import { HeadReader } from './head.ts';

const READ_BYTES = 262_144;
const STALL_MS_MAX = 60_000;
/** The last chunk of a chunked body (RFC 9112, section 7.1): whoever has it has everything. */
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

export interface Streamed {
  /** Status line and header fields. */
  readonly head: string;
  /** Everything that came after the head, chunk sizes included. */
  readonly bytes: number;
  /** From sending the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** From sending the request to the last byte. */
  readonly seconds: number;
}

/**
 * Reads one long answer to its end on a connection of its own, as fast as it comes, and keeps nothing of it. `request`
 * asks for the connection to be closed afterwards. Rejects where the answer is no 200, or broke off, or is aborted.
 */
export function readStream(address: string, request: Buffer, signal?: AbortSignal): Promise<Streamed> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(address);
    const head = new HeadReader();
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let start = 0;
    let firstByteMs = Number.NaN;
    let bytes = 0;
    let tail: Buffer = Buffer.alloc(0);
    const read = (length: number) => {
      if (Number.isNaN(firstByteMs)) firstByteMs = performance.now() - start;
      const body = head.complete ? buffer.subarray(0, length) : head.read(buffer.subarray(0, length));
      if (!body || body.length === 0) return true;
      bytes += body.length;
      tail = Buffer.concat([tail, body.subarray(-LAST_CHUNK.length)]).subarray(-LAST_CHUNK.length);
      return true;
    };
    const socket: Socket = connect({
      host,
      port: Number(port),
      onread: { buffer, callback: read },
      ...(signal && { signal }),
    });
    socket.setTimeout(STALL_MS_MAX, () => socket.destroy(new Error(`nothing came for ${STALL_MS_MAX} ms`)));
    socket.once('connect', () => {
      start = performance.now();
      socket.write(request);
    });
    socket.once('error', reject);
    socket.once('close', () => {
      const seconds = (performance.now() - start) / 1_000;
      const isWhole = head.contentLength > 0 ? bytes === head.contentLength : tail.equals(LAST_CHUNK);
      if (head.status === 200 && isWhole) resolve({ head: head.text, bytes, firstByteMs, seconds });
      else reject(new Error(`the stream broke off after ${bytes} bytes (status ${head.status})`));
    });
  });
}
