import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Organization } from '../store/organizations.ts';
import type { PagesContext } from './context.ts';
import { type Html, html } from './html.ts';
import type { Offer } from './offer.ts';
import { pictureAddresses } from './picture.ts';
import type { PageNeeds } from './security.ts';

/** A page that host pages show in a frame. */
export interface EmbeddedPage {
  /** 200 unless said otherwise. */
  readonly status?: number;
  /** Seconds after which to try again. */
  readonly retryAfter?: number;
  /** First part of the title. */
  readonly heading: string;
  readonly body: Html;
  readonly kind?: string;
  readonly messages?: EmbedMessages;
}

/** What the page tells its host page besides its height: that a seat was taken. Nothing in it is personal. */
export interface EmbedMessages {
  readonly registered: { readonly clusterId: string; readonly sessionId: string };
  /** Origin of the site that frames the form, as the page before this one knew it; else empty. */
  readonly host: string;
}

/** Sends a page in the style of the organization, to be framed by its sites. */
export function sendEmbedded(
  { sendPage }: PagesContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { organization, cluster }: Pick<Offer, 'organization' | 'cluster'>,
  { heading, body, messages, retryAfter, ...page }: EmbeddedPage,
): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return sendPage(request, reply, {
    kind: 'wide',
    ...page,
    title: `${heading} · ${cluster.module.name} · ${organization.name}`,
    accent: organization.accentColor,
    framedBy: framedBy(organization),
    pictures: pictureAddresses(cluster.module),
    styles: ['form.css'],
    scripts: ['embed.js'],
    body: html`${body}\n${messagesHtml(organization, messages)}`,
  });
}

/** Sites that may frame an organization's form (domain: organization). */
function framedBy({ embedOrigins }: Organization): NonNullable<PageNeeds['framedBy']> {
  return embedOrigins.length > 0 ? embedOrigins : 'any';
}

/** Hands the messages to the script `embed.js`. */
function messagesHtml({ embedOrigins }: Organization, messages: EmbedMessages | undefined): Html {
  const { registered = null, host = '' } = messages ?? {};
  return html`<div hidden id="embed" data-origins="${JSON.stringify(embedOrigins)}" data-registered="${JSON.stringify(registered)}" data-host="${host}"></div>`;
}

/** The origin of a site; empty where the text is none. */
export function readOrigin(text: string): string {
  const url = URL.parse(text);
  return url && /^https?:$/.test(url.protocol) ? url.origin : '';
}
