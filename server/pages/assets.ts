import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

const FOLDER = new URL('./', import.meta.url);
const SCRIPTS = new URL('./browser/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

type Coding = 'br' | 'gzip';

interface Asset {
  readonly type: string;
  /** The file as it is sent in this coding; null: as it is. */
  encoded(coding: Coding | null): Buffer;
}

/** The files that pages load: style sheets, the icon, and the scripts of `browser/`. */
export interface Assets {
  /** Address of a file below the server's root, without a slash at the start: `assets/DIGEST/style.css`. */
  path(name: string): string;
  read(name: string): Asset | undefined;
  /** Changes whenever any of the files does. */
  readonly digest: string;
}

/**
 * Reads the files once, at start: `*.css` and `*.svg` of this folder, and `browser/*.ts`, which go out stripped of their
 * types. All share one digest in their address, so that scripts import each other by relative names. Stripping and
 * compressing wait until a file is asked for: together they would be a fifth of the start.
 */
export function readAssets(): Assets {
  const texts = new Map<string, string>();
  for (const name of readdirSync(FOLDER)) {
    if (/\.(css|svg)$/.test(name)) texts.set(name, readFileSync(new URL(name, FOLDER), 'utf8'));
  }
  for (const name of readdirSync(SCRIPTS)) {
    if (name.endsWith('.ts')) texts.set(name.replace(/ts$/, 'js'), readFileSync(new URL(name, SCRIPTS), 'utf8'));
  }
  const digest = hash('sha256', JSON.stringify([...texts].sort()), 'hex').slice(0, 12);
  const assets = new Map([...texts].map(([name, text]) => [name, asset(name, text)]));
  return {
    digest,
    read: (name) => assets.get(name),
    path(name) {
      if (!assets.has(name)) throw new Error(`server/pages has no ${name}`);
      return `assets/${digest}/${name}`;
    },
  };
}

function asset(name: string, text: string): Asset {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const bytes = once(() => Buffer.from(extension === 'js' ? script(text) : text));
  const gzip = once(() => gzipSync(bytes(), { level: 9 }));
  const br = once(() => brotliCompressSync(bytes()));
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    encoded: (coding) => (coding === null ? bytes : coding === 'br' ? br : gzip)(),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** JavaScript of a browser's TypeScript: types become blanks, which compression takes away. */
function script(source: string): string {
  return quietly(() => stripTypeScriptTypes(source)).replace(/(from ['"]\.\/[a-z-]+)\.ts(['"])/g, '$1.js$2');
}

/** Node warns that the function may change. It is pinned with our Node, and operators have no use for the warning. */
function quietly<T>(work: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

const FOR_EVER = 'public, max-age=31536000, immutable';

/** Serves the files. An address of another version gets the present file, to be asked for again: pages outlive updates. */
export function addAssets(app: FastifyInstance, assets: Assets): void {
  app.route<{ Params: { digest: string; name: string } }>({
    method: ['GET', 'HEAD'],
    url: '/assets/:digest/:name',
    handler: async (request, reply) => {
      const { digest, name } = request.params;
      const file = assets.read(name);
      if (!file) return reply.callNotFound();
      const coding = chooseCoding(request.headers['accept-encoding']);
      if (coding) reply.header('content-encoding', coding);
      return (
        reply
          .header('vary', 'Accept-Encoding')
          // For frames whose host page has put them into a sandbox: modules are asked for across origins there.
          .header('access-control-allow-origin', '*')
          .header('cache-control', digest === assets.digest ? FOR_EVER : 'no-cache')
          .type(file.type)
          .send(file.encoded(coding))
      );
    },
  });
}

function chooseCoding(acceptEncoding: string | undefined): Coding | null {
  const accepted = (acceptEncoding ?? '').split(',').map((part) => part.trim().toLowerCase());
  const takes = (name: string) =>
    accepted.some((part) => part === name || new RegExp(`^${name};\\s*q=(?!0(\\.0*)?$)`).test(part));
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : null;
}
