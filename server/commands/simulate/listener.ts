import { setTimeout as sleep } from 'node:timers/promises';
import type { RoomState } from '@rollcall/contract/room.ts';
import type { Api } from './api.ts';

const WAIT_MS_MAX = 10_000;

/** A room page that listens to what it is told, over server-sent events. */
export interface Listener extends AsyncDisposable {
  /** Whether the page is told that the group is on that step, soon. */
  hearsOfStep(step: number): Promise<boolean>;
  /** Whether the page is told that the room is left, soon. */
  hearsOfEnd(): Promise<boolean>;
}

/** What the page has been told so far, and who waits for more. */
interface Heard {
  step: number | null;
  isGone: boolean;
  /** Nothing more will come. */
  isOver: boolean;
  waiting: (() => void)[];
}

/** Opens the stream of a join link; resolves once the page has been told the whole state. */
export async function listen(api: Api, link: string): Promise<Listener> {
  const abort = new AbortController();
  const response = await api.openRoomEvents(link, abort.signal);
  if (!response.ok || !response.body) throw new Error(`the room's events were answered ${response.status}`);
  const heard: Heard = { step: null, isGone: false, isOver: false, waiting: [] };
  const first = new Promise<void>((resolve) => heard.waiting.push(resolve));
  const reading = read(response.body, heard);
  await first;
  return {
    hearsOfStep: (step) => waitFor(heard, () => heard.step === step),
    hearsOfEnd: () => waitFor(heard, () => heard.isGone),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await reading;
    },
  };
}

async function read(body: ReadableStream<Uint8Array>, heard: Heard): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) take(event, heard);
    }
  } catch {
    // Cut off, by us or on the way: what was not heard until then is missed by whoever waits for it.
  }
  heard.isOver = true;
  wake(heard);
}

function take(event: string, heard: Heard): void {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(event)?.[1] ?? '';
  const name = field('event');
  if (name === 'state') heard.step = (JSON.parse(field('data')) as RoomState).currentStep;
  else if (name === 'gone') heard.isGone = true;
  else return;
  wake(heard);
}

function wake(heard: Heard): void {
  for (const resolve of heard.waiting.splice(0)) resolve();
}

/** Whether it holds within some seconds. */
async function waitFor(heard: Heard, holds: () => boolean): Promise<boolean> {
  const giveUp = new AbortController();
  const timeout = sleep(WAIT_MS_MAX, 'timeout', { signal: giveUp.signal }).catch(() => 'timeout');
  try {
    while (!holds() && !heard.isOver) {
      const news = new Promise<string>((resolve) => heard.waiting.push(() => resolve('news')));
      if ((await Promise.race([news, timeout])) === 'timeout') break;
    }
    return holds();
  } finally {
    giveUp.abort();
  }
}
