import { everySecond, formatCountdown } from './durations.ts';
import { localizeTimes } from './times.ts';

/** A group that waits together must not load its pages all in the same moment. */
const SPREAD_MS = 1_500;

localizeTimes(document);

const waiting = document.querySelector<HTMLElement>('[data-opens-at]');
const countdown = document.getElementById('countdown');
if (waiting && countdown) {
  const opensAt = Number(waiting.dataset.opensAt);
  const ahead = Number(waiting.dataset.serverTime) - Date.now();
  let isOpening = false;
  everySecond(() => {
    const left = opensAt - (Date.now() + ahead);
    countdown.textContent = formatCountdown(left);
    if (left > 0 || isOpening) return;
    isOpening = true;
    setTimeout(() => location.reload(), Math.random() * SPREAD_MS);
  });
}

// A page that comes back from the browser's cache shows what was.
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
