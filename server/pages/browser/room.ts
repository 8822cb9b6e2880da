import type { RoomState } from '@rollcall/contract/room.ts';
import { everySecond } from './durations.ts';
import { RoomLink } from './room-link.ts';
import { keepPresence } from './room-presence.ts';
import { RoomScreen } from './room-screen.ts';
import { localizeTimes } from './times.ts';

/** Those of a group who wait for its first step must not all knock at the same moment. */
const SPREAD_MS = 400;
/** How long a move may take to come back as the room's state before it is asked for. */
const ECHO_MS_MAX = 1_500;

localizeTimes(document);

const screen = new RoomScreen();
const link = new RoomLink({
  onState: (state) => show(state),
  onPeople: (people) => screen.showPeople(people),
  onTime: (serverTime) => screen.setTime(serverTime),
  onTrouble: (text) => screen.showTrouble(text),
});
const presence = keepPresence(link);
let state = screen.initialState;
let hasKnocked = false;

function show(next: RoomState): void {
  state = next;
  screen.show(next);
}

everySecond(() => {
  screen.tick();
  link.tick();
  if (hasKnocked || state.currentStep !== null || screen.now() < state.startsAt) return;
  // The server shows the first step to whoever is there; a page that is hidden leaves it to the others.
  hasKnocked = true;
  setTimeout(() => presence.signal(), Math.random() * SPREAD_MS);
});

screen.onMove(async (step) => {
  const isDone = await link.request('move', { from: state.currentStep, step });
  if (!isDone) return link.fetchState();
  setTimeout(() => {
    if (state.currentStep !== step) void link.fetchState();
  }, ECHO_MS_MAX);
});

screen.onEnd(async () => {
  if (await link.request('end', {})) link.leave();
});

link.connect();
