import type { ApiDescription } from '@rollcall/contract/operation.ts';
import type { FastifyInstance } from 'fastify';
import type { DoorContext } from './context.ts';
import { createReference, referencePaths } from './reference.ts';

const CACHE = 'public, max-age=300';

/** An API that is described: where, and from what. */
interface Described {
  /** Before `/openapi.json`, `/openapi.yaml` and `/docs`. */
  readonly prefix: '' | '/manage';
  readonly title: string;
  readonly load: () => Promise<ApiDescription>;
}

const apis: readonly Described[] = [
  {
    prefix: '',
    title: 'Rollcall Account API',
    load: async () => (await import('@rollcall/contract/account.ts')).accountApi,
  },
  {
    prefix: '/manage',
    title: 'Rollcall Management API',
    load: async () => (await import('@rollcall/contract/manage/manage.ts')).manageApi,
  },
];

/**
 * The APIs' descriptions, each as `openapi.json`, `openapi.yaml`, and `docs` to read. Made on first use: few ask, and
 * none of it should weigh on the start.
 */
export function addDocuments(app: FastifyInstance, context: DoorContext): void {
  for (const api of apis) addDocument(app, context, api);
}

function addDocument(app: FastifyInstance, { publicUrl }: DoorContext, { prefix, title, load }: Described): void {
  const makeDocument = async () => {
    const [{ openapiDocument }, api] = await Promise.all([import('@rollcall/contract/openapi.ts'), load()]);
    return openapiDocument({ ...api, serverUrl: publicUrl() });
  };
  app.get(`${prefix}/openapi.json`, async (_request, reply) => {
    reply.header('cache-control', CACHE).type('application/json; charset=utf-8');
    return reply.send(JSON.stringify(await makeDocument(), null, 2));
  });
  app.get(`${prefix}/openapi.yaml`, async (_request, reply) => {
    const { stringify } = await import('yaml');
    reply.header('cache-control', CACHE).type('application/yaml; charset=utf-8');
    return reply.send(stringify(await makeDocument(), { aliasDuplicateObjects: false }));
  });
  let reference: Promise<FastifyInstance> | undefined;
  app.get(`${prefix}/docs`, async (_request, reply) => reply.redirect('docs/', 301));
  for (const path of referencePaths(prefix)) {
    app.get(path, async (request, reply) => {
      reference ??= createReference({ prefix, title });
      const { routing } = await reference;
      reply.hijack();
      reply.raw.setHeader('x-request-id', request.id);
      routing(request.raw, reply.raw);
    });
  }
}
