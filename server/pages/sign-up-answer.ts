import { setTimeout as pause } from 'node:timers/promises';
import { clockOf } from '../actions/clock.ts';
import { type Seating, type SignUpOutcome, signUp } from '../actions/sign-up.ts';
import { type FieldFault, readSignUp, type SignUpField, type SignUpRequest } from '../domain/sign-up.ts';
import type { SessionWithModule } from '../store/sessions.ts';
import { mailedBody, seatBody } from './confirmation.ts';
import type { PagesContext } from './context.ts';
import type { EmbeddedPage } from './embed.ts';
import { createLetters } from './letters.ts';
import type { Offer } from './offer.ts';
import { closedPage, fullPage, isFull } from './sign-up-closed.ts';
import { formPage } from './sign-up-form.ts';
import type { FormData } from './sign-up-values.ts';

/** Asks whether a form may be acted on now: null, or after how many seconds to send it again. */
export type Brake = () => Promise<number | null>;

/**
 * Acts on a form and answers with the page that says what came of it. `reload` reads afresh what is on offer. A form that
 * is filled in wrongly does not reach the brake: it costs nothing, and nobody mistypes on purpose.
 */
export async function signUpPage(
  context: PagesContext,
  offer: Offer,
  data: FormData,
  { brake, reload }: { readonly brake: Brake; readonly reload: () => Promise<Offer> },
): Promise<EmbeddedPage> {
  const reading = readSignUp(data.values);
  if (!reading.ok) return { ...formPage(offer, data.values, reading.faults), status: 422 };
  const retryAfter = await brake();
  if (retryAfter !== null) return tooManyPage(offer, data, retryAfter);
  const outcome = await act(context, offer, data, reading.request);
  if (outcome.kind === 'seated') return seatedPage(context, offer, data, reading.request, outcome);
  if ((outcome.kind === 'deactivated' || outcome.kind === 'full') && context.mail) {
    return mailedPage(offer, data, reading.request, outcome.session);
  }
  const { status, field, message } = refusalOf(outcome.kind, offer);
  return again(await reload(), data, status, { field, message });
}

/** Nothing of what was typed is lost. An office may share one address, so this can meet somebody who did nothing wrong. */
function tooManyPage(offer: Offer, { values }: FormData, retryAfter: number): EmbeddedPage {
  const wait = retryAfter === 1 ? '1 second' : `${retryAfter} seconds`;
  const note = `Too many forms came from your network at once. Wait ${wait}, then press “Sign up” again: the form is still filled in.`;
  return { ...formPage(offer, values, [], note), status: 429, retryAfter };
}

/** Where a page must not tell who an address belongs to, its time must not either: more than the work ever takes. */
const ANSWER_MS_MIN = 60;
const ANSWER_JITTER_MS = 20;

async function act(
  { database, now, mail, joinLink, publicUrl }: PagesContext,
  { organization, cluster }: Offer,
  { zone }: FormData,
  request: SignUpRequest,
): Promise<SignUpOutcome> {
  const clock = clockOf(organization, now);
  const formLink = (slug: string, clusterId: string) => `${publicUrl()}/embed/${slug}/${clusterId}`;
  const letters = mail && createLetters({ zone, joinLink, formLink, now: clock });
  const answerTime = mail && pause(ANSWER_MS_MIN + Math.random() * ANSWER_JITTER_MS);
  const outcome = await signUp({ database, now: clock, letters }, organization.id, cluster.id, request);
  mail?.wake();
  await answerTime;
  return outcome;
}

function seatedPage(
  context: PagesContext,
  offer: Offer,
  data: FormData,
  request: SignUpRequest,
  seating: Seating,
): EmbeddedPage {
  const { mail, joinLink } = context;
  if (mail) return mailedPage(offer, data, request, seating.session);
  const link = joinLink(seating.registration.joinToken);
  return {
    kind: 'narrow',
    heading: 'You have a seat',
    body: seatBody(seating, link),
    messages: messagesOf(offer, data, seating.session),
  };
}

/**
 * The same for a seat, for a session that is full by now and for an address whose user is deactivated (domain: Rules):
 * what there is to say about it is in the mail, which only the owner of the address reads.
 */
function mailedPage(offer: Offer, data: FormData, { email }: SignUpRequest, session: SessionWithModule): EmbeddedPage {
  return {
    kind: 'narrow',
    heading: 'Check your inbox',
    body: mailedBody(session, email),
    messages: messagesOf(offer, data, session),
  };
}

function messagesOf({ cluster }: Offer, { host }: FormData, session: SessionWithModule) {
  return { registered: { clusterId: cluster.id, sessionId: session.id }, host };
}

interface Refused {
  readonly status: number;
  readonly field: SignUpField;
  readonly message: string;
}

/**
 * What a page says of a refusal. Without mail, a deactivated user and an address outside the trusted domains get the same
 * words, so that the page by itself does not tell who has an account.
 */
function refusalOf(kind: Exclude<SignUpOutcome['kind'], 'seated'>, { organization }: Offer): Refused {
  switch (kind) {
    case 'untrusted':
    case 'deactivated':
      return {
        status: 422,
        field: 'email',
        message: `This address cannot be signed up here. Use the one that ${organization.name} knows you by, or ask them.`,
      };
    case 'full':
      return { status: 409, field: 'session', message: 'This session is full by now. Choose another.' };
    case 'session-closed':
    case 'cluster-closed':
      return { status: 409, field: 'session', message: 'This session takes nobody any more. Choose another.' };
  }
}

/** The form once more with what was wrong, or what there is to say if it is closed by now. */
function again(offer: Offer, { values }: FormData, status: number, fault: FieldFault): EmbeddedPage {
  const closed = closedPage(offer) ?? (isFull(offer) ? fullPage(offer, fault.message) : null);
  if (closed) return { status, ...closed };
  return { ...formPage(offer, values, [fault]), status };
}
