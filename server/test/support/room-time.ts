import type { Page } from 'playwright-core';
import { formatDateTime } from '../../domain/date-time.ts';
import type { Manager } from './manage.ts';

/** Under the 45 seconds of silence that still count, over the 15 from one signal of a page to its next. */
const STEP_MS = 30_000;

/** The clocks of a test organization and of its people's browsers, moved together. */
export interface RoomTime {
  /** Who keeps the room in view. Their contexts need a clock that can be moved (`context.clock.install()`). */
  readonly pages: Set<Page>;
  /** Puts the organization's clock to a moment; the pages hear of it when they next ask. */
  set(at: string): Promise<void>;
  /** Lets time pass until a moment, while each page does what it does as time passes: it says that it is there. */
  passTo(at: string): Promise<void>;
}

/** Time that goes by in steps of half a minute, each of which takes no longer than the pages need to say that they are there. */
export function createRoomTime(manager: Manager): RoomTime {
  const pages = new Set<Page>();
  let now = Number.NaN;
  const set = async (at: number) => {
    await manager.setClock(formatDateTime(at));
    now = at;
  };
  return {
    pages,
    set: (at) => set(Date.parse(at)),
    async passTo(text) {
      const to = Date.parse(text);
      while (now < to) {
        const passed = Math.min(STEP_MS, to - now);
        await set(now + passed);
        await Promise.all([...pages].map((page) => live(page, passed)));
      }
    },
  };
}

/** Moves a page's clock on, and waits until the server has taken in what the page then says. */
async function live(page: Page, ms: number): Promise<void> {
  const asked = page.waitForRequest(/\/signal$/);
  await page.clock.fastForward(ms);
  const response = await (await asked).response();
  if (!response?.ok()) throw new Error(`a signal was answered ${response?.status()}`);
}
