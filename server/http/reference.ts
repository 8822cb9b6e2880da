import { hash } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';

/** A tick on a list; in the page itself, so that no browser asks for a file that is not there. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1d4ed8"/><path d="m4 8.5 2.5 2.5L12 5.5" fill="none" stroke="#fff" stroke-width="2"/></svg>',
)}`;

/** What a reference answers; any other path is nothing. Below `docs/`, so that it finds its script beside it. */
export function referencePaths(prefix: string): string[] {
  return [`${prefix}/docs/`, `${prefix}/docs/js/scalar.js`];
}

/** The readable reference at `PREFIX/docs/`: a small app of its own, made when somebody first opens it. */
export async function createReference({
  prefix,
  title,
}: {
  readonly prefix: '' | `/${string}`;
  readonly title: string;
}): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const app = fastify();
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
    if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html')) return payload;
    reply.header('content-security-policy', contentSecurityPolicy(payload));
    return payload
      .replace('<html>', '<html lang="en">')
      .replace('</head>', `  <link rel="icon" href="${ICON}" />\n  </head>`);
  });
  await app.register(scalar, {
    routePrefix: `${prefix}/docs`,
    configuration: {
      // Relative, for servers that the outside reaches below a path.
      url: '../openapi.json',
      pageTitle: title,
      theme: 'default',
      documentDownloadType: 'both',
      defaultOpenAllTags: true,
      authentication: { preferredSecurityScheme: 'ServerApiKey' },
      withDefaultFonts: false,
      // All that would send the document, or the reader, to someone else's service.
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  await app.ready();
  return app;
}

/** Everything comes from this server; the page's own inline scripts are allowed by their digests. */
function contentSecurityPolicy(html: string): string {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
  const digests = inline.map(([, script]) => `'sha256-${hash('sha256', script ?? '', 'base64')}'`);
  return [
    "default-src 'none'",
    `script-src 'self' ${digests.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
