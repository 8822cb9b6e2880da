import { offerOf } from '../domain/sign-up.ts';
import type { EmbeddedPage } from './embed.ts';
import { type Html, html } from './html.ts';
import { type Offer, seatsLeftIn } from './offer.ts';
import { lessonHtml } from './sign-up-form.ts';
import { stretchHtml, zoneHtml } from './times.ts';

/** Why the form is closed to everyone, and the page that says so; null where it is open. */
export function closedPage(offer: Offer): EmbeddedPage | null {
  const state = offerOf(offer.cluster);
  if (state === 'archived') {
    return page(offer, { status: 410 }, 'No longer offered', 'This module is not offered here any more.');
  }
  if (state === 'by-invitation') {
    const text = `Seats are given by invitation. Ask ${offer.organization.name} if you would like to take part.`;
    return page(offer, { status: 403 }, 'By invitation only', text);
  }
  if (offer.sessions.length === 0) {
    return page(offer, {}, 'No dates yet', 'There is no session to come at the moment. Look in again later.');
  }
  return null;
}

export function isFull({ sessions }: Offer): boolean {
  return sessions.every((session) => seatsLeftIn(session) === 0);
}

/** All sessions are taken. `note` says what came of a form that was sent meanwhile. */
export function fullPage(offer: Offer, note?: string): EmbeddedPage {
  const taken = html`${note !== undefined && html`<p role="alert" tabindex="-1" data-focus>${note}</p>`}
<p class="muted small">${zoneHtml()}</p>
<ul class="taken">${offer.sessions.map(
    ({ scheduledStartAt, scheduledEndAt }) =>
      html`<li>${stretchHtml({ from: scheduledStartAt, to: scheduledEndAt })} <span class="chip full">Full</span></li>`,
  )}</ul>`;
  const text = 'Every session to come is full. A seat may become free: look in again later.';
  return page(offer, {}, 'No seats left', text, taken);
}

function page(
  offer: Offer,
  status: Pick<EmbeddedPage, 'status'>,
  heading: string,
  text: string,
  after?: Html,
): EmbeddedPage {
  const body = html`<main class="sign-up">
${lessonHtml(offer)}
<section class="card notice-in">
<h2>${heading}</h2>
<p>${text}</p>
${after}
</section>
</main>`;
  return { ...status, heading, body };
}
