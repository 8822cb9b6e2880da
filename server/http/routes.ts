import type { FastifyInstance } from 'fastify';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** All routes of a server, to tell a path that does not answer a method from one that is not there. */
export class RouteTable {
  readonly #routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];

  /** Notes the routes that are added to the server from now on. */
  watch(app: FastifyInstance): void {
    app.addHook('onRoute', ({ url, method }) => {
      this.#routes.push({ pattern: patternOf(url), methods: [method].flat() });
    });
  }

  /** The methods that a path (without query) answers, none where it is unknown. */
  methodsAt(path: string): string[] {
    const methods = this.#routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    return METHODS.filter((method) => methods.includes(method));
  }
}

/** `/modules/:id` and `/static/*` as the router reads them. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+';
    return RegExp.escape(segment).replaceAll('\\*', '.*');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
