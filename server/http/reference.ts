import { hash } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import type { DocumentSource } from './shared-document.ts';

/** A tick on a list; in the page itself, so that no browser asks for a file that is not there. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1d4ed8"/><path d="m4 8.5 2.5 2.5L12 5.5" fill="none" stroke="#fff" stroke-width="2"/></svg>',
)}`;

/** Where the page finds its script: beside it. */
export const REFERENCE_SCRIPT = 'js/scalar.js';

type Text = Pick<DocumentSource, 'contentType' | 'text' | 'headers'>;

/** The readable reference of the API whose document is at `PREFIX/openapi.json`, as a page for `PREFIX/docs/`. */
export async function makeReferencePage(prefix: string, title: string): Promise<Text> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const { contentType, text } = await readFrom(`${prefix}/docs/`, (app) =>
    app.register(scalar, { routePrefix: `${prefix}/docs` as `/${string}`, configuration: configuration(title) }),
  );
  return {
    contentType,
    text: text
      .replace('<html>', '<html lang="en">')
      .replace('</head>', `  <link rel="icon" href="${ICON}" />\n  </head>`),
    headers: { 'referrer-policy': 'no-referrer', 'content-security-policy': contentSecurityPolicy(text) },
  };
}

/** The page's script, megabytes and the same for every reference. */
export async function readReferenceScript(): Promise<Text> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  return readFrom(`/docs/${REFERENCE_SCRIPT}`, (app) =>
    app.register(scalar, { routePrefix: '/docs', configuration: configuration('') }),
  );
}

/** What a small app of its own, which is thrown away, answers at a path. */
async function readFrom(path: string, register: (app: FastifyInstance) => PromiseLike<unknown>): Promise<Text> {
  const app = fastify();
  await register(app);
  const { headers, payload } = await app.inject(path);
  return { contentType: String(headers['content-type']), text: payload };
}

/**
 * Codes and statuses in the table of errors stay whole; on a phone the table scrolls by itself. The class is doubled to
 * outweigh the page's own rules.
 */
const STYLE = `.scalar-app .markdown.markdown table { display: block; overflow-x: auto }
.scalar-app .markdown.markdown :is(th, td) { word-break: normal }
.scalar-app .markdown.markdown td code { white-space: nowrap }
.scalar-app .markdown.markdown td:last-child { min-width: 14em }`;

function configuration(title: string) {
  return {
    // Relative, for servers that the outside reaches below a path.
    url: '../openapi.json',
    pageTitle: title,
    theme: 'default',
    documentDownloadType: 'both',
    defaultOpenAllTags: true,
    authentication: { preferredSecurityScheme: 'ServerApiKey' },
    withDefaultFonts: false,
    customCss: STYLE,
    // All that would send the document, or the reader, to someone else's service.
    telemetry: false,
    hideClientButton: true,
    showDeveloperTools: 'never',
    agent: { disabled: true },
    mcp: { disabled: true },
  } as const;
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
