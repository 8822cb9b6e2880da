import type { Seating } from '../actions/sign-up.ts';
import type { SessionWithModule } from '../store/sessions.ts';
import { calendarEntry, calendarLinks } from './calendar.ts';
import { type Html, html } from './html.ts';
import { stretchHtml, zoneHtml } from './times.ts';

const TICK = html`<svg class="tick" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="m7.5 12.4 3 3 6-6.4"/></svg>`;

/** Where mail is sent: the same whoever the address belongs to, and without the link, which is for its owner alone. */
export function mailedBody(session: SessionWithModule, email: string): Html {
  return html`<main class="card notice done">
${TICK}
<p class="overline">${session.module.name}</p>
<h1 tabindex="-1" data-focus>Check your inbox</h1>
<p>A message is on its way to <strong>${email}</strong>. It says whether you have a seat, and with it come your join link and a file for your calendar.</p>
${whenHtml(session)}
<p class="muted small">Nothing after a few minutes? Look into the spam folder, or sign up again: you keep the same seat.</p>
</main>`;
}

/** Where no mail is sent: the page is the only place for the link. Nothing on it comes from what is known of the user. */
export function seatBody(seating: Seating, link: string): Html {
  const { session } = seating;
  return html`<main class="card notice done">
${TICK}
<p class="overline">${session.module.name}</p>
<h1 tabindex="-1" data-focus>You have a seat</h1>
${whenHtml(session)}
<div class="ticket">
<p><label for="link">Your join link, yours alone</label></p>
<div class="copy"><input id="link" readonly value="${link}" data-copy-from><button class="button quiet" type="button" hidden data-copy>Copy</button></div>
<noscript><p class="whole-link">${link}</p></noscript>
<p class="muted small">It is shown here only: keep it. The room opens ten minutes before the start.</p>
<p><a class="button" href="${link}" target="_blank" rel="noopener">Open your page</a></p>
</div>
<h2>Add it to your calendar</h2>
<ul class="calendars">
<li><a class="button quiet" href="${link}/session.ics" download="session.ics">Calendar file (.ics)</a></li>
${calendarLinks(calendarEntry(seating, link)).map(
  ({ name, address }) =>
    html`<li><a class="button quiet" href="${address}" target="_blank" rel="noopener">${name}</a></li>`,
)}
</ul>
<p class="muted small">A web calendar is handed your join link, in the description of the entry; the file is yours alone.</p>
<p role="status" class="visually-hidden" data-status></p>
</main>`;
}

function whenHtml({ scheduledStartAt, scheduledEndAt }: SessionWithModule): Html {
  return html`<p class="appointment">${stretchHtml({ from: scheduledStartAt, to: scheduledEndAt })}</p>
<p class="muted small zone">${zoneHtml()}</p>`;
}
