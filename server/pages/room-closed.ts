import type { PresenceInterval, ShownStep } from '../domain/presence.ts';
import { presenceOf, roomHours, stepsVisited } from '../domain/presence.ts';
import type { Feedback } from '../store/feedback.ts';
import type { Organization } from '../store/organizations.ts';
import type { AgendaStep } from '../store/rooms.ts';
import type { SessionWithModule } from '../store/sessions.ts';
import { flag, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { modulePicture } from './picture.ts';
import { stretchHtml, zoneHtml } from './times.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface ClosedView {
  readonly organization: Pick<Organization, 'name' | 'accentColor'>;
  readonly session: SessionWithModule;
}

/** Before the room opens: when that is, and a file for the calendar. Moves on by itself (script `waiting.js`). */
export function waitingPage({ organization, session }: ClosedView, at: number, calendarFile: string): Page {
  const { module, scheduledStartAt: from, scheduledEndAt: to } = session;
  const { opensAt } = roomHours(session);
  return {
    title: `${module.name} · ${organization.name}`,
    kind: 'narrow',
    accent: organization.accentColor,
    styles: ['room-closed.css'],
    scripts: ['waiting.js'],
    body: html`<main class="card closed waiting" data-opens-at="${opensAt}" data-server-time="${at}">
${modulePicture(module)}
<p class="overline">${organization.name}</p>
<h1>${module.name}</h1>
<p class="appointment">${stretchHtml({ from, to })}</p>
<p class="muted small">${zoneHtml()}</p>
<div class="opening">
<p>The room opens in</p>
<p class="countdown" role="timer" id="countdown">${roughly(opensAt - at)}</p>
<p class="muted small">Ten minutes before the start. You can leave this page open: it moves on by itself.</p>
</div>
<p><a class="button quiet" href="${calendarFile}" download="session.ics">Add to your calendar</a></p>
</main>`,
  };
}

/** `3 days`, `2 hours`, `5 minutes`: as much as can be said without a script that counts. */
function roughly(ms: number): string {
  const [unit, name] =
    ms >= 2 * DAY_MS ? [DAY_MS, 'days'] : ms >= 2 * HOUR_MS ? [HOUR_MS, 'hours'] : [MINUTE_MS, 'minutes'];
  const count = Math.ceil(ms / unit);
  return count === 1 ? '1 minute' : `${count} ${name}`;
}

/** What somebody did in a session that is over. */
export interface SummaryView extends ClosedView {
  readonly visits: readonly PresenceInterval[];
  readonly shown: readonly ShownStep[];
  readonly agenda: readonly AgendaStep[];
  /** Null where none was given. */
  readonly feedback: Feedback | null;
}

/** After the room has closed: time and steps, by the rules of the record, and a question. */
export function summaryPage(view: SummaryView): Page {
  const { organization, session, visits } = view;
  const presence = presenceOf(visits, roomHours(session));
  return {
    title: `Summary · ${session.module.name}`,
    kind: 'narrow',
    accent: organization.accentColor,
    styles: ['room-closed.css'],
    scripts: ['waiting.js'],
    body: html`<main class="card closed summary">
<p class="overline">${organization.name}</p>
<h1>${session.module.name}</h1>
<p class="muted small">${stretchHtml({ from: session.scheduledStartAt, to: session.scheduledEndAt })}</p>
${presence ? attended(view, presence.presentMs) : html`<p>The session is over, and you were not in its room. If that is a mistake, tell whoever invited you.</p>`}
</main>`,
  };
}

function attended(view: SummaryView, presentMs: number): Html {
  const { session, visits, shown, agenda, feedback } = view;
  const seen = stepsVisited(shown, visits, roomHours(session));
  const minutes = Math.floor(presentMs / MINUTE_MS);
  const seenCount = agenda.filter((_, index) => seen.has(index)).length;
  return html`<p>The session is over. Thank you for taking part.</p>
<dl class="facts">
<div><dt>Time present</dt><dd>${minutes} <span>${minutes === 1 ? 'minute' : 'minutes'}</span></dd></div>
${agenda.length > 0 && html`<div><dt>Steps</dt><dd>${seenCount} <span>of ${agenda.length}</span></dd></div>`}
</dl>
${agenda.length > 0 && html`<details class="steps-seen"><summary>Which steps</summary><ol>${agenda.map(({ title }, index) => html`<li class="${seen.has(index) ? 'seen' : 'missed'}">${title}<span class="visually-hidden">${seen.has(index) ? ', seen' : ', not seen'}</span></li>`)}</ol></details>`}
${feedbackForm(view.organization.name, feedback)}`;
}

const RATINGS = [
  [1, 'Not at all'],
  [2, 'A little'],
  [3, 'Somewhat'],
  [4, 'Useful'],
  [5, 'Very useful'],
] as const;

function feedbackForm(organizationName: string, feedback: Feedback | null): Html {
  return html`<form class="feedback" method="post" id="feedback">
${feedback && html`<p class="thanks" role="status">Thank you, your answer is saved. You can still change it.</p>`}
<fieldset>
<legend>How useful was it for your work?</legend>
<div class="ratings">
${RATINGS.map(([rating, label]) => html`<label class="choice"><input type="radio" name="rating" value="${rating}" required${flag('checked', feedback?.rating === rating)}><span class="rating">${rating}</span><span class="rating-label">${label}</span></label>\n`)}
</div>
<p class="rating-ends" aria-hidden="true"><span>${RATINGS[0][1]}</span><span>${RATINGS[4][1]}</span></p>
</fieldset>
<p><label for="comment">What should we keep, what should we change? <span class="muted">Optional</span></label>
<textarea id="comment" name="comment" rows="3" maxlength="2000">${feedback?.comment}</textarea></p>
<p class="buttons"><button class="button" name="feedback" value="1">${feedback ? 'Save the change' : 'Send'}</button></p>
<p class="muted small">Goes to ${organizationName}, which sees whose answer it is.</p>
</form>`;
}
