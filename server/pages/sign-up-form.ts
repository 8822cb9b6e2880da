import type { FieldFault, SignUpField, SignUpValues } from '../domain/sign-up.ts';
import type { ListedSession } from '../store/sessions.ts';
import type { EmbeddedPage } from './embed.ts';
import { flag, type Html, html } from './html.ts';
import { type Offer, seatsLeftIn } from './offer.ts';
import { modulePicture } from './picture.ts';
import { stretchHtml, zoneHtml } from './times.ts';

/** How the form is filled in. */
interface FormState {
  readonly values: SignUpValues;
  readonly faults: readonly FieldFault[];
  /** What there is to say that no field is at fault for. */
  readonly note: string | undefined;
}

/** Further sessions are there on demand. */
const SESSIONS_SHOWN = 6;

/** Names under which the fields are sent. That of the trap is one that no browser fills in by itself. */
export const FIELD_NAMES: Readonly<Record<SignUpField, string>> = {
  session: 'session',
  firstName: 'firstName',
  lastName: 'lastName',
  email: 'email',
  consent: 'consent',
  trap: 'subject',
};

/** The form, filled in as far as it was, with what is wrong with it, or a note above it. */
export function formPage(
  offer: Offer,
  values: SignUpValues,
  faults: readonly FieldFault[] = [],
  note?: string,
): EmbeddedPage {
  const body = signUpBody(offer, { values, faults, note });
  if (note !== undefined) return { heading: WAIT, body };
  return { heading: faults.length > 0 ? 'Please check the form' : 'Sign up', body };
}

const WAIT = 'One moment, please';

/** The lesson on one side, the form on the other; one below the other where there is no room. */
function signUpBody(offer: Offer, state: FormState): Html {
  return html`<main class="sign-up">
${lessonHtml(offer)}
${formHtml(offer, state)}
</main>`;
}

/** What is offered: picture, name, duration, description. */
export function lessonHtml({ organization, cluster }: Pick<Offer, 'organization' | 'cluster'>): Html {
  const { module } = cluster;
  return html`<section class="lesson">
${modulePicture(module)}
<p class="overline">${module.category}</p>
<h1>${module.name}</h1>
<p class="muted">${module.durationMinutes} minutes in a small group · ${organization.name}</p>
<div class="stack">${paragraphs(module.description)}</div>
</section>`;
}

function paragraphs(text: string): Html[] {
  return text.split(/\n\s*\n/).map((paragraph) => html`<p>${paragraph}</p>`);
}

/**
 * The address of the form's own page ends with the cluster's id: relative, it keeps what precedes it, and leaves a query
 * with people's names behind. Without a script the fragment takes to the faults.
 */
function formHtml(offer: Offer, { values, faults, note }: FormState): Html {
  const { cluster, organization } = offer;
  const fault = (field: SignUpField) => faults.find((candidate) => candidate.field === field)?.message;
  return html`<form class="card form" id="form" method="post" action="${cluster.id}#form" novalidate>
${faults.length > 0 && summaryHtml(faults)}
${note !== undefined && html`<div class="faults" role="alert" tabindex="-1" data-focus><h2>${WAIT}</h2><p>${note}</p></div>`}
${sessionsHtml(offer.sessions, values.session, fault('session'))}
<fieldset class="person">
<legend class="visually-hidden">About you</legend>
${textField({ field: 'firstName', label: 'First name', autocomplete: 'given-name' }, values, fault)}
${textField({ field: 'lastName', label: 'Last name', autocomplete: 'family-name' }, values, fault)}
${textField({ field: 'email', label: 'Email', type: 'email', autocomplete: 'email' }, values, fault)}
</fieldset>
<div class="trap" aria-hidden="true"><label for="trap">Leave this empty</label><input id="trap" name="${FIELD_NAMES.trap}" tabindex="-1" autocomplete="off"></div>
<div class="field">
<label class="consent"><input type="checkbox" id="consent" name="${FIELD_NAMES.consent}" value="yes" required${flag('checked', values.consent !== '')}${describedBy('consent', fault('consent'))}> <span>I agree that ${organization.name} keeps my name, my email address and my attendance in order to run this session.</span></label>
${faultHtml('consent', fault('consent'))}
</div>
<input type="hidden" name="zone" value=""><input type="hidden" name="host" value="">
<button class="button" type="submit">Sign up</button>
<p class="muted small" role="status" data-status></p>
</form>`;
}

function summaryHtml(faults: readonly FieldFault[]): Html {
  return html`<div class="faults" role="alert" tabindex="-1" data-focus>
<h2>Please check the form</h2>
<ul>${faults.map(({ field, message }) => html`<li><a href="#${field}">${message}</a></li>`)}</ul>
</div>`;
}

function sessionsHtml(sessions: readonly ListedSession[], chosen: string, fault: string | undefined): Html {
  const free = sessions.filter((session) => seatsLeftIn(session) > 0);
  const onlyOne = free.length === 1 ? free[0]?.id : undefined;
  const first = free[0]?.id;
  const choices = sessions.map((session) =>
    choiceHtml(session, { isChosen: session.id === (chosen || onlyOne), isFirst: session.id === first, fault }),
  );
  const more = choices.slice(SESSIONS_SHOWN);
  const isChosenFurtherDown = sessions.slice(SESSIONS_SHOWN).some(({ id }) => id === chosen);
  return html`<fieldset class="sessions"${describedBy('session', fault)}>
<legend><h2>Choose a session</h2></legend>
<p class="muted small">${zoneHtml()}</p>
${faultHtml('session', fault)}
<div class="choices">${choices.slice(0, SESSIONS_SHOWN)}</div>
${
  more.length > 0 &&
  html`<details${flag('open', isChosenFurtherDown)}><summary>${more.length} later ${more.length === 1 ? 'session' : 'sessions'}</summary><div class="choices">${more}</div></details>`
}
</fieldset>`;
}

interface Choice {
  readonly isChosen: boolean;
  /** The one that a link from the summary of faults leads to. */
  readonly isFirst: boolean;
  readonly fault: string | undefined;
}

function choiceHtml(session: ListedSession, { isChosen, isFirst, fault }: Choice): Html {
  const seats = seatsLeftIn(session);
  const isFull = seats === 0;
  const id = isFirst ? html` id="session"` : null;
  return html`<label class="choice"><input type="radio"${id} name="${FIELD_NAMES.session}" value="${session.id}" required${flag('checked', isChosen && !isFull)}${flag('disabled', isFull)}${fault !== undefined && html` aria-invalid="true"`}> ${stretchHtml({ from: session.scheduledStartAt, to: session.scheduledEndAt })} <span class="chip${isFull ? ' full' : ''}">${seatsText(seats)}</span></label>`;
}

function seatsText(seats: number): string {
  if (seats === 0) return 'Full';
  return seats === 1 ? '1 seat left' : `${seats} seats left`;
}

interface TextField {
  readonly field: 'firstName' | 'lastName' | 'email';
  readonly label: string;
  readonly autocomplete: string;
  readonly type?: 'text' | 'email';
}

function textField(
  { field, label, autocomplete, type = 'text' }: TextField,
  values: SignUpValues,
  fault: (field: SignUpField) => string | undefined,
): Html {
  return html`<div class="field ${field}">
<label for="${field}">${label}</label>
<input id="${field}" name="${FIELD_NAMES[field]}" type="${type}" value="${values[field]}" autocomplete="${autocomplete}" required${describedBy(field, fault(field))}>
${faultHtml(field, fault(field))}
</div>`;
}

function describedBy(field: SignUpField, fault: string | undefined): Html | false {
  return fault !== undefined && html` aria-invalid="true" aria-describedby="${field}-fault"`;
}

function faultHtml(field: SignUpField, fault: string | undefined): Html | false {
  return fault !== undefined && html`<p class="fault" id="${field}-fault">${fault}</p>`;
}
