import type { ApiDescription } from '@rollcall/contract/operation.ts';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { DoorContext } from './context.ts';
import { makeReferencePage, REFERENCE_SCRIPT, readReferenceScript } from './reference.ts';
import { SharedDocument } from './shared-document.ts';

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
 * The APIs' descriptions, each as `openapi.json`, `openapi.yaml`, and `docs` to read. Made once, on first use: few ask,
 * and none of it should weigh on the start.
 */
export function addDocuments(app: FastifyInstance, context: DoorContext): void {
  const script = new SharedDocument(async () => ({ ...(await readReferenceScript()), cacheControl: CACHE }));
  for (const api of apis) addDocument(app, context, api, script);
}

function addDocument(
  app: FastifyInstance,
  { publicUrl }: DoorContext,
  { prefix, title, load }: Described,
  script: SharedDocument,
): void {
  const makeDocument = async () => {
    const [{ openapiDocument }, api] = await Promise.all([import('@rollcall/contract/openapi.ts'), load()]);
    return openapiDocument({ ...api, serverUrl: publicUrl() });
  };
  const json = new SharedDocument(async () => ({
    contentType: 'application/json; charset=utf-8',
    cacheControl: CACHE,
    text: JSON.stringify(await makeDocument(), null, 2),
  }));
  const yaml = new SharedDocument(async () => {
    const { stringify } = await import('yaml');
    const text = stringify(await makeDocument(), { aliasDuplicateObjects: false });
    return { contentType: 'application/yaml; charset=utf-8', cacheControl: CACHE, text };
  });
  const page = new SharedDocument(async () => ({ ...(await makeReferencePage(prefix, title)), cacheControl: CACHE }));
  addShared(app, `${prefix}/openapi.json`, json);
  addShared(app, `${prefix}/openapi.yaml`, yaml);
  app.route({ ...READ, url: `${prefix}/docs`, handler: async (_request, reply) => reply.redirect('docs/', 301) });
  addShared(app, `${prefix}/docs/`, page);
  addShared(app, `${prefix}/docs/${REFERENCE_SCRIPT}`, script);
}

const READ: Pick<RouteOptions, 'method'> = { method: ['GET', 'HEAD'] };

function addShared(app: FastifyInstance, url: string, document: SharedDocument): void {
  app.route({ ...READ, url, handler: async (request, reply) => document.send(request, reply) });
}
