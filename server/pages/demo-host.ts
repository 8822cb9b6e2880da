import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import { offerOf } from '../domain/sign-up.ts';
import { listClusters } from '../store/clusters.ts';
import { findOrganization } from '../store/organizations.ts';
import type { PagesContext } from './context.ts';
import { type Html, html } from './html.ts';
import { findOffer, type Offer, seatsLeftIn } from './offer.ts';

/** `/demo/intranet`: a page as the demo organization's intranet might have it, with a live sign-up form in a frame. */
export function addDemoHost(door: FastifyInstance, context: PagesContext): void {
  door.route({
    method: ['GET', 'HEAD'],
    url: '/intranet',
    handler: (request, reply) => showIntranet(context, request, reply),
  });
}

async function showIntranet(
  context: PagesContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const offers = await findOffers(context);
  const chosen = new URLSearchParams(request.url.split('?')[1] ?? '').get('module');
  const offer = offers.find(({ cluster }) => cluster.id === chosen) ?? offers[0];
  if (!offer) throw new Refusal('not_found', 'The demo organization has no sign-up form to show.');
  return context.sendPage(request, reply, {
    title: `Learning · ${offer.organization.name} intranet`,
    body: intranetBody(offer, offers),
    accent: offer.organization.accentColor,
    framesOwn: true,
    styles: ['demo.css'],
    scripts: ['demo-host.js'],
    kind: 'intranet',
  });
}

/** Forms with a free seat, those that begin soonest first. */
async function findOffers(context: PagesContext): Promise<Offer[]> {
  const organization = await findOrganization(context.demo ?? '', context.database.reader);
  if (!organization) return [];
  const clusters = await listClusters(organization.id, context.database.reader, {});
  const open = clusters.filter((cluster) => offerOf(cluster) === 'open');
  const offers = await Promise.all(open.map(({ id }) => findOffer(context, organization.slug, id)));
  return offers
    .filter(({ sessions }) => sessions.some((session) => seatsLeftIn(session) > 0))
    .sort((a, b) => startOf(a) - startOf(b));
}

function startOf({ sessions }: Offer): number {
  return sessions[0]?.scheduledStartAt ?? 0;
}

function intranetBody(offer: Offer, offers: readonly Offer[]): Html {
  const { organization, cluster } = offer;
  const address = `../embed/${organization.slug}/${cluster.id}`;
  return html`<header class="bar">
<p class="brand">${organization.name}</p>
<nav aria-label="Intranet"><ul><li>Home</li><li>News</li><li aria-current="page">Learning</li><li>People</li><li>Handbook</li></ul></nav>
</header>
<main class="columns">
<article class="stack">
<p class="overline">Learning, this month</p>
<h1>An hour with five colleagues</h1>
<p>No slides and no trainer: six people, one video call, and a page that leads through the hour step by step. Choose a date, sign up below, and the link into the room is yours.</p>
<iframe src="${address}" title="Sign up: ${cluster.module.name}" id="rollcall"></iframe>
<p class="thanks" role="status" data-thanks></p>
</article>
<aside class="stack">
<section class="card stack">
<h2>Also on offer</h2>
<ul class="offers">${offers.map(({ cluster: { id, module } }) => html`<li><a href="?module=${id}"${id === cluster.id && html` aria-current="true"`}>${module.name}</a> <span class="muted small">${module.durationMinutes} min</span></li>`)}</ul>
</section>
<section class="card stack">
<h2>For developers</h2>
<p class="small">This page is a stand-in for your intranet. The form is framed with the code that <code>GET /v1/clusters</code> answers as <code>iframeCode</code>:</p>
<pre class="code"><code>&lt;iframe src="${address.replace('..', 'https://…')}" width="100%" height="100%"&gt;&lt;/iframe&gt;</code></pre>
<p class="small">What the form has told this page:</p>
<ol class="log" data-log><li class="muted">Nothing yet.</li></ol>
</section>
</aside>
</main>`;
}
