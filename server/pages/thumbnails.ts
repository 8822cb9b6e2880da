import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';

const FOLDER = new URL('../demo/thumbnails/', import.meta.url);
const NAME = /^[a-z0-9-]+\.svg$/;
/** Opened by itself, a picture can do nothing: no script, nothing from elsewhere. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The pictures of the demo's modules, to be shown on pages of any site. */
export function addThumbnails(app: FastifyInstance): void {
  app.route<{ Params: { name: string } }>({
    method: ['GET', 'HEAD'],
    url: '/thumbnails/:name',
    handler: async (request, reply) => {
      const picture = await readPicture(request.params.name);
      if (!picture) return reply.callNotFound();
      return reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('cache-control', 'public, max-age=86400')
        .type('image/svg+xml')
        .send(picture);
    },
  });
}

async function readPicture(name: string): Promise<Buffer | null> {
  if (!NAME.test(name)) return null;
  try {
    return await readFile(new URL(name, FOLDER));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
