import { formatDateTime } from '../domain/date-time.ts';
import { type Html, html } from './html.ts';

const day = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/** A stretch of time. Epoch milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** `Tuesday 10 March 2026`, in UTC. */
export function dayText(at: number): string {
  return day.format(at);
}

/** `14:00 – 15:00 UTC`. */
export function hoursText({ from, to }: Stretch): string {
  return `${time.format(from)} – ${time.format(to)} UTC`;
}

/**
 * Day and hours of a stretch in UTC, as two spans; the script `times.js` puts the viewer's own time zone in their place
 * (domain: pages show the viewer's own time zone and name it).
 */
export function stretchHtml({ from, to }: Stretch): Html {
  return html`<time class="when" datetime="${formatDateTime(from)}" data-from="${formatDateTime(from)}" data-to="${formatDateTime(to)}"><span class="day" data-day>${dayText(from)}</span> <span class="hours" data-hours>${hoursText({ from, to })}</span></time>`;
}

/** Names the time zone of the page's times. */
export function zoneHtml(): Html {
  return html`Times are in <span data-zone>UTC</span>.`;
}
