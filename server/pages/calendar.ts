import ical, { ICalAlarmType, ICalCalendarMethod } from 'ical-generator';
import type { Seating } from '../actions/sign-up.ts';

/** A session as calendars show it. Epoch milliseconds. */
export interface CalendarEntry {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly from: number;
  readonly to: number;
  /** Where it takes place: the join link. */
  readonly link: string;
}

const DESCRIPTION_LENGTH_MAX = 400;

/** A seat as a calendar entry. It names nobody: whoever sees it learns of the session alone. */
export function calendarEntry({ organization, session, registration }: Seating, link: string): CalendarEntry {
  const { module } = session;
  const about = shorten(module.description, DESCRIPTION_LENGTH_MAX);
  return {
    id: registration.id,
    title: module.name,
    description: `${organization.name}: a session in a small group.\n\nYour own way in, not to be passed on:\n${link}\n\n${about}`,
    from: session.scheduledStartAt,
    to: session.scheduledEndAt,
    link,
  };
}

/** Web calendars take the text in an address, which must not grow without bound. */
function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length).join('').trimEnd()}…`;
}

const MINUTES_BEFORE = 10;

/**
 * An iCalendar file (RFC 5545) with the entry, in UTC, and a reminder when the room opens. The same seat has the same
 * UID every time, so that a calendar that has it already changes it instead of showing it twice. `now` is in epoch
 * milliseconds.
 */
export function calendarFile(entry: CalendarEntry, now: number): string {
  const calendar = ical({ prodId: '//Rollcall//Rollcall//EN', method: ICalCalendarMethod.PUBLISH });
  const event = calendar.createEvent({
    id: `${entry.id}@rollcall`,
    stamp: new Date(now),
    start: new Date(entry.from),
    end: new Date(entry.to),
    summary: entry.title,
    description: entry.description,
    location: entry.link,
    url: entry.link,
  });
  event.createAlarm({
    type: ICalAlarmType.display,
    triggerBefore: MINUTES_BEFORE * 60,
    description: `${entry.title} begins in ${MINUTES_BEFORE} minutes`,
  });
  return calendar.toString();
}

/** A page of a web calendar in which the entry is filled in. */
export interface CalendarLink {
  readonly name: string;
  readonly address: string;
}

/**
 * Links to the web calendars that most people have. Each address goes to another company: the join link is in it once, in
 * the description, where its owner can still take it out.
 */
export function calendarLinks(entry: CalendarEntry): CalendarLink[] {
  const { title, description } = entry;
  const from = compact(entry.from);
  const to = compact(entry.to);
  const outlook = {
    path: '/calendar/action/compose',
    rru: 'addevent',
    subject: title,
    startdt: new Date(entry.from).toISOString(),
    enddt: new Date(entry.to).toISOString(),
    body: description,
  };
  return [
    {
      name: 'Google Calendar',
      address: address('https://calendar.google.com/calendar/render', {
        action: 'TEMPLATE',
        text: title,
        dates: `${from}/${to}`,
        details: description,
      }),
    },
    { name: 'Outlook.com', address: address('https://outlook.live.com/calendar/0/deeplink/compose', outlook) },
    { name: 'Office 365', address: address('https://outlook.office.com/calendar/0/deeplink/compose', outlook) },
    {
      name: 'Yahoo',
      address: address('https://calendar.yahoo.com/', {
        v: '60',
        title,
        st: from,
        et: to,
        desc: description,
      }),
    },
  ];
}

/** `20260310T140000Z` */
function compact(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Spaces as %20: some calendars show a plus as a plus. */
function address(base: string, parameters: Readonly<Record<string, string>>): string {
  return `${base}?${new URLSearchParams(parameters).toString().replaceAll('+', '%20')}`;
}
