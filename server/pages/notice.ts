import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PagesContext } from './context.ts';
import { type Html, html } from './html.ts';
import type { SentPage } from './send.ts';

/** A page that says one thing. */
export interface Notice extends Omit<SentPage, 'body' | 'title'> {
  readonly heading: string;
  readonly text: string | Html;
  /** What can be done now. */
  readonly after?: Html;
  /** Above the heading, small: whose page it is. */
  readonly from?: string;
}

/** Sends a page that says one thing: not found, over, full, too many. */
export function sendNotice(
  { sendPage }: Pick<PagesContext, 'sendPage'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { heading, text, after, from, ...page }: Notice,
): FastifyReply {
  const body = html`<main class="card notice">
${from && html`<p class="overline">${from}</p>`}
<h1>${heading}</h1>
<p>${text}</p>
${after}
</main>`;
  return sendPage(request, reply, { kind: 'narrow', ...page, title: from ? `${heading} · ${from}` : heading, body });
}
