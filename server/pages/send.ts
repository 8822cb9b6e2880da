import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Assets } from './assets.ts';
import { accentStyle, type Page, renderDocument } from './layout.ts';
import { type PageNeeds, securityHeaders } from './security.ts';

export interface SentPage extends Page, Omit<PageNeeds, 'styles'> {
  /** 200 unless said otherwise. */
  readonly status?: number;
}

/** Sends a page with its headers. */
export type SendPage = (request: FastifyRequest, reply: FastifyReply, page: SentPage) => FastifyReply;

export function pageSender(assets: Assets): SendPage {
  return (request, reply, page) => {
    const style = accentStyle(page.accent ?? null);
    const root = rootFrom(request.url);
    return reply
      .code(page.status ?? 200)
      .headers(securityHeaders({ ...page, styles: [style] }))
      .type('text/html; charset=utf-8')
      .send(renderDocument(page, style, (file) => root + assets.path(file)));
  };
}

/** The way from a page up to the server's root, relative, for servers that the outside reaches below a path. */
function rootFrom(url: string): string {
  const [path = '/'] = url.split('?', 1);
  return '../'.repeat(path.split('/').length - 2) || './';
}
