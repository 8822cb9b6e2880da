import type { Letters, Seating } from '../actions/sign-up.ts';
import type { MailMessage } from '../store/mails.ts';
import type { Organization } from '../store/organizations.ts';
import type { SessionWithModule } from '../store/sessions.ts';
import { accentOf } from './accent.ts';
import { calendarEntry, calendarFile, calendarLinks } from './calendar.ts';
import { type Html, html } from './html.ts';
import { stretchText, type TimeZone } from './times.ts';

export interface LettersOptions {
  /** Where the reader is, as far as the form knew. */
  readonly zone: TimeZone;
  /** Address of a join link. */
  readonly joinLink: (token: string) => string;
  /** Address of a cluster's sign-up form. */
  readonly formLink: (slug: string, clusterId: string) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The mails of the sign-up form. */
export function createLetters(options: LettersOptions): Letters {
  return {
    seat: (email, seating) => seatLetter(email, seating, options),
    full: (email, organization, session) => fullLetter(email, organization, session, options),
    refusal: (email, organizationName, session) => refusalLetter(email, organizationName, session, options),
  };
}

function seatLetter(email: string, seating: Seating, { zone, joinLink, now }: LettersOptions): MailMessage {
  const { organization, session, registration } = seating;
  const link = joinLink(registration.joinToken);
  const entry = calendarEntry(seating, link);
  const when = whenText(session, zone);
  const why = `You get this because your address was entered in a sign-up form of ${organization.name}. Was it not you? Then ignore this message: without the link nobody enters in your name.`;
  const text = `You have a seat:

${session.module.name}
${when}

Your way in, from ten minutes before the start:
${link}

The link is yours alone: whoever has it enters as you. The attached file puts the session into your calendar.

${why}
`;
  const { color, text: onAccent } = accentOf(organization.accentColor);
  const body = html`<p style="margin:0 0 4px">You have a seat:</p>
<h1 style="margin:0 0 8px;font-size:22px;line-height:1.25">${session.module.name}</h1>
<p style="margin:0 0 24px">${when}</p>
<p style="margin:0 0 12px"><a href="${link}" style="display:inline-block;padding:12px 20px;border-radius:10px;background:${color};color:${onAccent};font-weight:600;text-decoration:none">Open your session</a></p>
<p style="margin:0 0 24px;opacity:.75">The door opens ten minutes before the start. The link is yours alone: whoever has it enters as you.</p>
<p style="margin:0 0 24px">The attached file puts the session into your calendar, or add it to ${calendars(seating, link)}.</p>
<p style="margin:0;opacity:.75;font-size:13px">${why}</p>`;
  return {
    to: email,
    subject: `Your seat: ${session.module.name}`,
    text,
    html: letterHtml(body),
    calendar: calendarFile(entry, now()),
  };
}

function calendars(seating: Seating, link: string): Html[] {
  const links = calendarLinks(calendarEntry(seating, link));
  return links.map(
    ({ name, address }, index) =>
      html`${index > 0 && (index === links.length - 1 ? ' or ' : ', ')}<a href="${address}">${name}</a>`,
  );
}

function fullLetter(
  email: string,
  { name, slug }: Organization,
  session: SessionWithModule,
  { zone, formLink }: LettersOptions,
): MailMessage {
  const what = `Somebody, probably you, has used this address to sign up for “${session.module.name}” (${whenText(session, zone)}) at ${name}.`;
  const answer = 'The session is full by now: there is no seat for you.';
  const link = formLink(slug, session.clusterId);
  const body = html`<p style="margin:0 0 16px">${what}</p>
<p style="margin:0 0 16px">${answer}</p>
<p style="margin:0"><a href="${link}">See other dates</a>, or look in again later: a seat may become free.</p>`;
  return {
    to: email,
    subject: `Full: ${session.module.name}`,
    text: `${what}\n\n${answer}\n\nSee other dates, or look in again later, since a seat may become free:\n${link}\n`,
    html: letterHtml(body),
    calendar: null,
  };
}

function refusalLetter(
  email: string,
  organizationName: string,
  session: SessionWithModule,
  { zone }: LettersOptions,
): MailMessage {
  const what = `Somebody, probably you, has used this address to sign up for “${session.module.name}” (${whenText(session, zone)}).`;
  const answer = `The account of this address at ${organizationName} is not active, so it has no seat. If it should be active, ask whoever looks after accounts there.`;
  const body = html`<p style="margin:0 0 16px">${what}</p>
<p style="margin:0">${answer}</p>`;
  return {
    to: email,
    subject: `No seat: ${session.module.name}`,
    text: `${what}\n\n${answer}\n`,
    html: letterHtml(body),
    calendar: null,
  };
}

function whenText({ scheduledStartAt, scheduledEndAt }: SessionWithModule, zone: TimeZone): string {
  return stretchText({ from: scheduledStartAt, to: scheduledEndAt }, zone);
}

/** Mail programs know no style sheets worth the name: the little that there is stands at the elements. */
function letterHtml(body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0;padding:24px 16px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:520px;margin:0 auto">
${body}
</div>
</body>
</html>
`.text;
}
