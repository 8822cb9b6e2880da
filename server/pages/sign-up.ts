import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PagesContext } from './context.ts';
import { sendEmbedded } from './embed.ts';
import { findOffer } from './offer.ts';
import { type Brake, signUpPage } from './sign-up-answer.ts';
import { closedPage, fullPage, isFull } from './sign-up-closed.ts';
import { formPage } from './sign-up-form.ts';
import { prefilledValues, readForm } from './sign-up-values.ts';

type FormRequest = FastifyRequest<{ Params: { slug: string; clusterId: string } }>;

const MINUTE_MS = 60_000;

/** The sign-up form: `/embed/SLUG/CLUSTER_ID`, the address in a cluster's `iframeCode`. */
export function addSignUp(door: FastifyInstance, context: PagesContext): void {
  const url = '/:slug/:clusterId';
  const { signUpLimit } = context;
  door.register(rateLimit, { global: false });
  door.after(() => {
    const brake = brakeOf(door, signUpLimit);
    door.route({
      method: ['GET', 'HEAD'],
      url,
      handler: (request: FormRequest, reply) => showForm(context, request, reply),
    });
    door.route({
      method: 'POST',
      url,
      handler: (request: FormRequest, reply) => takeForm(context, request, reply, () => brake(request)),
    });
  });
}

/** Counts by address. An office may share one, so the limit is generous; see SIGN_UP_LIMIT. */
function brakeOf(door: FastifyInstance, max: number | null): (request: FastifyRequest) => ReturnType<Brake> {
  if (max === null) return async () => null;
  const count = door.createRateLimit({ max, timeWindow: MINUTE_MS });
  return async (request) => {
    const verdict = await count(request);
    return !verdict.isAllowed && verdict.isExceeded ? Math.max(1, verdict.ttlInSeconds) : null;
  };
}

async function showForm(context: PagesContext, request: FormRequest, reply: FastifyReply): Promise<FastifyReply> {
  const offer = await offerAt(context, request);
  const closed = closedPage(offer) ?? (isFull(offer) ? fullPage(offer) : null);
  return sendEmbedded(context, request, reply, offer, closed ?? formPage(offer, prefilledValues(request.url)));
}

async function takeForm(
  context: PagesContext,
  request: FormRequest,
  reply: FastifyReply,
  brake: Brake,
): Promise<FastifyReply> {
  const offer = await offerAt(context, request);
  const reload = () => offerAt(context, request);
  const page = closedPage(offer) ?? (await signUpPage(context, offer, readForm(request.body), { brake, reload }));
  return sendEmbedded(context, request, reply, offer, page);
}

function offerAt(context: PagesContext, { params }: FormRequest) {
  return findOffer(context, params.slug, params.clusterId);
}
