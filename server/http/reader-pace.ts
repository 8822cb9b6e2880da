/** What a reader has to take within a window of time to keep its stream. */
export interface ReaderPace {
  readonly bytesMin: number;
  readonly windowMs: number;
}

/** A large chunk is handed over in pieces, so that a slow reader’s progress can be seen; usual chunks are smaller. */
const PIECE_BYTES_MAX = 262_144;

/**
 * The chunks, for as long as they are taken quickly enough: `tooSlow` is called once a reader has taken fewer than
 * `bytesMin` bytes within `windowMs` while more lay ready for it. Without this a reader of a few bytes a minute would
 * keep what a stream holds, such as its snapshot, for ever. The time that the source takes is not the reader's.
 */
export async function* withReaderPace(
  chunks: AsyncIterable<Uint8Array>,
  { bytesMin, windowMs }: ReaderPace,
  tooSlow: () => void,
): AsyncGenerator<Uint8Array> {
  let taken = 0;
  let liesReady = false;
  const timer = setInterval(() => {
    if (liesReady && taken < bytesMin) tooSlow();
    taken = 0;
  }, windowMs);
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES_MAX) {
        const piece = chunk.length <= PIECE_BYTES_MAX ? chunk : chunk.subarray(at, at + PIECE_BYTES_MAX);
        liesReady = true;
        yield piece;
        liesReady = false;
        taken += piece.length;
      }
    }
  } finally {
    clearInterval(timer);
  }
}
