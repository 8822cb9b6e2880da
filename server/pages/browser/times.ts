/** How moments are written in the viewer's own time zone. The pages are in English, whatever the browser speaks. */
const locale = navigator.language.startsWith('en') ? navigator.language : 'en-GB';

/** A day with its weekday: `Tuesday 10 March 2026`. */
export function formatDay(at: Date): string {
  return at.toLocaleDateString(locale, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** Hours from one moment to another with their zone; with both zones where the clocks change in between. */
export function formatHours(from: Date, to: Date): string {
  const [fromZone, toZone] = [zoneOf(from), zoneOf(to)];
  if (fromZone === toZone) return `${formatTime(from)} – ${formatTime(to)} ${toZone}`;
  return `${formatTime(from)} ${fromZone} – ${formatTime(to)} ${toZone}`;
}

/** `02:30` where the day has 24 hours, `2:30 PM` where it has 12. */
const hour = new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 ? 'numeric' : '2-digit';

function formatTime(at: Date): string {
  return at.toLocaleTimeString(locale, { hour, minute: '2-digit' });
}

function zoneOf(at: Date): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** The viewer's time zone, such as `Europe/Berlin`, without the underscores of its name. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll('_', ' ');
}

/**
 * Rewrites what `server/pages/times.ts` wrote in UTC: elements with `data-from` (and `data-to`) and, in them,
 * `data-day`, `data-hours`; and elements with `data-zone`, which name the zone.
 */
export function localizeTimes(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>('[data-from]')) {
    const from = new Date(element.dataset.from ?? '');
    const to = new Date(element.dataset.to ?? '');
    for (const day of element.querySelectorAll('[data-day]')) day.textContent = formatDay(from);
    for (const hours of element.querySelectorAll('[data-hours]')) hours.textContent = formatHours(from, to);
  }
  for (const element of root.querySelectorAll('[data-zone]')) element.textContent = zoneName();
}
