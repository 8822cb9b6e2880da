import type { RoomSignal } from '@rollcall/contract/room.ts';
import type { RoomLink } from './room-link.ts';

const SIGNAL_EVERY_MS = 15_000;

/**
 * Tells the server that the page is in view: at once, every 15 seconds, and when that ends. It says no more than this,
 * and nothing of time: the server's clock decides.
 */
export function keepPresence(link: RoomLink): { readonly signal: () => void } {
  const tab = randomToken();
  let timer: number | undefined;

  const signal = () => {
    if (document.visibilityState === 'visible') void link.post('signal', { tab, kind: 'here' } satisfies RoomSignal);
  };
  const begin = () => {
    clearInterval(timer);
    signal();
    timer = setInterval(signal, SIGNAL_EVERY_MS);
  };
  const end = () => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    link.sendLast('signal', { tab, kind: 'leaving' } satisfies RoomSignal);
  };

  document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? begin() : end()));
  window.addEventListener('pagehide', end);
  if (document.visibilityState === 'visible') begin();
  return { signal };
}

/** Of this page alone: a copy of the tab must not look like the same one. */
function randomToken(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
