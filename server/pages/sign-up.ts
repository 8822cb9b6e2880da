import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import type { PagesContext } from './context.ts';
import { sendEmbedded } from './embed.ts';
import { findOffer } from './offer.ts';
import { signUpPage } from './sign-up-answer.ts';
import { closedPage, fullPage, isFull } from './sign-up-closed.ts';
import { formPage } from './sign-up-form.ts';
import { prefilledValues, readForm } from './sign-up-values.ts';

type FormRequest = FastifyRequest<{ Params: { slug: string; clusterId: string } }>;

const MINUTE_MS = 60_000;

/** The sign-up form: `/embed/SLUG/CLUSTER_ID`, the address in a cluster's `iframeCode`. */
export function addSignUp(door: FastifyInstance, context: PagesContext): void {
  const url = '/:slug/:clusterId';
  const { signUpLimit } = context;
  door.register(rateLimit, { global: false, errorResponseBuilder: (_request, { ttl }) => tooMany(ttl) });
  door.after(() => {
    door.route({
      method: ['GET', 'HEAD'],
      url,
      handler: (request: FormRequest, reply) => showForm(context, request, reply),
    });
    door.route({
      method: 'POST',
      url,
      config: { rateLimit: signUpLimit === null ? false : { max: signUpLimit, timeWindow: MINUTE_MS } },
      handler: (request: FormRequest, reply) => takeForm(context, request, reply),
    });
  });
}

/** Counted by address. An office may share one, so the limit is generous; see SIGN_UP_LIMIT. */
function tooMany(ttlMs: number): Refusal {
  const text = 'Too many forms came from your network at once. Wait a minute, then send yours again.';
  return new Refusal('rate_limited', text, { retryAfter: Math.ceil(ttlMs / 1_000) });
}

async function showForm(context: PagesContext, request: FormRequest, reply: FastifyReply): Promise<FastifyReply> {
  const offer = await offerAt(context, request);
  const closed = closedPage(offer) ?? (isFull(offer) ? fullPage(offer) : null);
  return sendEmbedded(context, request, reply, offer, closed ?? formPage(offer, prefilledValues(request.url)));
}

async function takeForm(context: PagesContext, request: FormRequest, reply: FastifyReply): Promise<FastifyReply> {
  const offer = await offerAt(context, request);
  const reload = () => offerAt(context, request);
  const page = closedPage(offer) ?? (await signUpPage(context, offer, readForm(request.body), reload));
  return sendEmbedded(context, request, reply, offer, page);
}

function offerAt(context: PagesContext, { params }: FormRequest) {
  return findOffer(context, params.slug, params.clusterId);
}
