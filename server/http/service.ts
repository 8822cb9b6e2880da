import type { FastifyInstance } from 'fastify';
import type { DoorContext } from './context.ts';

export interface ServiceContext extends DoorContext {
  readonly isStopping: () => boolean;
  /** Prometheus' text of all processes that serve under this address. */
  readonly gatherMetrics: () => Promise<string>;
}

/** What operators and their machines ask for: liveness, readiness, metrics. No key, nothing of any organization. People who come with a browser are shown the reference. */
export function addServiceRoutes(app: FastifyInstance, context: ServiceContext) {
  app.route({
    method: ['GET', 'HEAD'],
    url: '/',
    handler: async (request, reply) => {
      if (!request.headers.accept?.includes('text/html')) return reply.callNotFound();
      // Relative, for servers that the outside reaches below a path.
      return reply.header('vary', 'Accept').redirect('docs/', 302);
    },
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    if (context.isStopping()) return reply.code(503).header('retry-after', '5').send({ status: 'stopping' });
    try {
      await context.database.check();
      return { status: 'ok' };
    } catch {
      return reply.code(503).header('retry-after', '5').send({ status: 'database unavailable' });
    }
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType } = context.metrics.registry;
    return reply.header('content-type', contentType).send(await context.gatherMetrics());
  });
}
