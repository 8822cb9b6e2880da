import { pipeline, type Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';

export type Coding = 'identity' | 'gzip' | 'br' | 'zstd';

/** Of codings that a client likes equally: fast and small first. */
const PREFERENCE = ['zstd', 'br', 'gzip'] as const;

/** The content coding to answer with (RFC 9110, section 12.5.3); identity where nothing else is asked for. */
export function chooseCoding(acceptEncoding: string | undefined): Coding {
  if (!acceptEncoding) return 'identity';
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((token) => token.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, q ? Number(q.slice(2)) || 0 : 1);
  }
  const weight = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0;
  let best: Coding = 'identity';
  let bestWeight = weights.get('identity') ?? 0;
  for (const coding of PREFERENCE) {
    if (weight(coding) > bestWeight || (best === 'identity' && weight(coding) > 0 && weight(coding) >= bestWeight)) {
      best = coding;
      bestWeight = weight(coding);
    }
  }
  return best;
}

/**
 * Levels for answers made on the fly: a tenth of the bytes at little cost. Every piece leaves at once: a coder that may
 * hold back as much as it likes keeps the first bytes of a long stream, and its memory, until it has megabytes.
 */
function compressor(coding: Exclude<Coding, 'identity'>): Transform {
  if (coding === 'gzip') return createGzip({ level: 6, flush: constants.Z_SYNC_FLUSH });
  if (coding === 'br') {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 4 };
    return createBrotliCompress({ params, flush: constants.BROTLI_OPERATION_FLUSH });
  }
  const params = { [constants.ZSTD_c_compressionLevel]: 3 };
  return createZstdCompress({ params, flush: constants.ZSTD_e_flush });
}

/** The source, coded; an error of the source breaks the result too, so that it cannot pass for whole. */
export function compress(source: NodeJS.ReadableStream, coding: Exclude<Coding, 'identity'>): Transform {
  const target = compressor(coding);
  pipeline(source, target, () => {});
  return target;
}
