import { hash } from 'node:crypto';

/** What a page needs beyond its own files. */
export interface PageNeeds {
  /** Sites that may frame the page; `any`: every site. None unless said otherwise. */
  readonly framedBy?: readonly string[] | 'any';
  /** Addresses of pictures on other sites. */
  readonly pictures?: readonly string[];
  /** Texts of the `<style>` elements, which are allowed by their digests. */
  readonly styles?: readonly string[];
  /** Whether the page shows one of our own pages in a frame. */
  readonly framesOwn?: boolean;
}

/**
 * Headers of a page: it runs nothing but our own script files, talks to nobody but this server, is framed only by whom
 * it is meant for, passes its address (which may be a join link) on to nobody, and is kept by no cache.
 */
export function securityHeaders(needs: PageNeeds): Record<string, string> {
  const { framedBy = [] } = needs;
  return {
    'content-security-policy': contentSecurityPolicy(needs),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'x-robots-tag': 'noindex',
    'cache-control': 'no-store',
    ...(framedBy.length === 0 && { 'x-frame-options': 'DENY' }),
  };
}

function contentSecurityPolicy({ framedBy = [], pictures = [], styles = [], framesOwn = false }: PageNeeds): string {
  const directives = [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styles.map((style) => `'sha256-${hash('sha256', style, 'base64')}'`)].join(' '),
    ["img-src 'self'", ...new Set(pictures.map((address) => new URL(address).origin))].join(' '),
    "connect-src 'self'",
    framesOwn ? "frame-src 'self'" : "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ];
  if (framedBy !== 'any') directives.push(`frame-ancestors ${framedBy.length === 0 ? "'none'" : framedBy.join(' ')}`);
  return directives.join('; ');
}
