import type { OpenApiDocument } from '@rollcall/contract/openapi.ts';
import type { FastifyInstance } from 'fastify';
import type { DoorContext } from './context.ts';
import { createReference, REFERENCE_PATHS } from './reference.ts';

const CACHE = 'public, max-age=300';

/**
 * The API's description: `/openapi.json`, `/openapi.yaml`, and `/docs` to read. Made on first use: few ask, and none of
 * it should weigh on the start.
 */
export function addDocuments(app: FastifyInstance, { publicUrl }: DoorContext): void {
  app.get('/openapi.json', async (_request, reply) => {
    reply.header('cache-control', CACHE).type('application/json; charset=utf-8');
    return reply.send(JSON.stringify(await accountDocument(publicUrl()), null, 2));
  });
  app.get('/openapi.yaml', async (_request, reply) => {
    const { stringify } = await import('yaml');
    reply.header('cache-control', CACHE).type('application/yaml; charset=utf-8');
    return reply.send(stringify(await accountDocument(publicUrl()), { aliasDuplicateObjects: false }));
  });
  let reference: Promise<FastifyInstance> | undefined;
  app.get('/docs', async (_request, reply) => reply.redirect('docs/', 301));
  for (const path of REFERENCE_PATHS) {
    app.get(path, async (request, reply) => {
      reference ??= createReference();
      const { routing } = await reference;
      reply.hijack();
      reply.raw.setHeader('x-request-id', request.id);
      routing(request.raw, reply.raw);
    });
  }
}

async function accountDocument(serverUrl: string): Promise<OpenApiDocument> {
  const [{ openapiDocument }, { accountApi }] = await Promise.all([
    import('@rollcall/contract/openapi.ts'),
    import('@rollcall/contract/account.ts'),
  ]);
  return openapiDocument({ ...accountApi, serverUrl });
}
