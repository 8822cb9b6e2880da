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

/** Acts on a form and answers with the page that says what came of it. `reload` reads afresh what is on offer. */
export async function signUpPage(
  context: PagesContext,
  offer: Offer,
  data: FormData,
  reload: () => Promise<Offer>,
): Promise<EmbeddedPage> {
  const reading = readSignUp(data.values);
  if (!reading.ok) return { ...formPage(offer, data.values, reading.faults), status: 422 };
  const outcome = await act(context, offer, data, reading.request);
  if (outcome.kind === 'seated') return seatedPage(context, offer, data, reading.request, outcome);
  if (outcome.kind === 'deactivated' && context.mail) return mailedPage(offer, data, reading.request, outcome.session);
  const { status, field, message } = refusalOf(outcome.kind, context, offer);
  return again(await reload(), data, status, { field, message });
}

async function act(
  { database, now, mail, joinLink }: PagesContext,
  { organization, cluster }: Offer,
  { zone }: FormData,
  request: SignUpRequest,
): Promise<SignUpOutcome> {
  const clock = clockOf(organization, now);
  const letters = mail && createLetters({ zone, joinLink, now: clock });
  const outcome = await signUp({ database, now: clock, letters }, organization.id, cluster.id, request);
  mail?.wake();
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
 * The same for a seat and for an address whose user is deactivated (domain: Rules): what there is to say about it is in
 * the mail, which only the owner of the address reads.
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
function refusalOf(
  kind: Exclude<SignUpOutcome['kind'], 'seated'>,
  context: PagesContext,
  { organization }: Offer,
): Refused {
  switch (kind) {
    case 'untrusted':
    case 'deactivated':
      return {
        status: 422,
        field: 'email',
        message: `This address cannot be signed up here. Use the one that ${organization.name} knows you by, or ask them.`,
      };
    case 'full':
      return {
        status: 409,
        field: 'session',
        message: ['This session is full by now. Choose another.', ...forSeated(context)].join(' '),
      };
    case 'session-closed':
    case 'cluster-closed':
      return { status: 409, field: 'session', message: 'This session takes nobody any more. Choose another.' };
  }
}

/** Where the link goes out by mail, somebody who has a seat in a full session is sent it again. */
function forSeated({ mail }: PagesContext): string[] {
  return mail ? ['If you have a seat in it already, your link is on its way to you again.'] : [];
}

/** The form once more with what was wrong, or what there is to say if it is closed by now. */
function again(offer: Offer, { values }: FormData, status: number, fault: FieldFault): EmbeddedPage {
  const closed = closedPage(offer) ?? (isFull(offer) ? fullPage(offer, fault.message) : null);
  if (closed) return { status, ...closed };
  return { ...formPage(offer, values, [fault]), status };
}
