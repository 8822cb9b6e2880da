import { formatDateTime } from '../domain/date-time.ts';
import { type Html, html } from './html.ts';

/** A stretch of time. Epoch milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A time zone that the runtime knows, such as `Europe/Berlin`. */
export type TimeZone = string & { readonly brand: 'TimeZone' };

export const UTC = 'UTC' as TimeZone;

/** The time zone of this name; UTC where there is none. */
export function readTimeZone(name: string): TimeZone {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone as TimeZone;
  } catch {
    return UTC;
  }
}

/** `Tuesday 10 March 2026` */
function dayText(at: number, timeZone: TimeZone): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const;
  return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone }).format(at).replace(',', '');
}

/** `14:00` */
function timeText(at: number, timeZone: TimeZone): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone }).format(at);
}

/** `UTC`, `CET`, `GMT+5:30` */
function zoneText(at: number, timeZone: TimeZone): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short', timeZone }).formatToParts(at);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}

/** `14:00 – 15:00 UTC`, with both zones where the clocks change in between. */
function hoursText({ from, to }: Stretch, zone: TimeZone): string {
  const fromZone = zoneText(from, zone);
  const toZone = zoneText(to, zone);
  const begin = fromZone === toZone ? timeText(from, zone) : `${timeText(from, zone)} ${fromZone}`;
  return `${begin} – ${timeText(to, zone)} ${toZone}`;
}

/** `Tuesday 10 March 2026, 15:00 – 16:00 CET (Europe/Berlin)`, for mail, where no script can put it right later. */
export function stretchText(stretch: Stretch, zone: TimeZone): string {
  const place = zone === UTC ? '' : ` (${zone.replaceAll('_', ' ')})`;
  return `${dayText(stretch.from, zone)}, ${hoursText(stretch, zone)}${place}`;
}

/**
 * Day and hours of a stretch in UTC, as two spans; the script `times.js` puts the viewer's own time zone in their place
 * (domain: pages show the viewer's own time zone and name it).
 */
export function stretchHtml(stretch: Stretch): Html {
  const from = formatDateTime(stretch.from);
  const to = formatDateTime(stretch.to);
  return html`<time class="when" datetime="${from}" data-from="${from}" data-to="${to}"><span class="day" data-day>${dayText(stretch.from, UTC)}</span> <span class="hours" data-hours>${hoursText(stretch, UTC)}</span></time>`;
}

/** Names the time zone of the page's times. */
export function zoneHtml(): Html {
  return html`Times are in <span data-zone>UTC</span>.`;
}
