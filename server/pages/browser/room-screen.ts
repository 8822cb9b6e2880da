import type { RoomPerson, RoomState } from '@rollcall/contract/room.ts';
import { formatCountdown, formatMinutes } from './durations.ts';

const MINUTE_MS = 60_000;

function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element as E;
}

/** Changes the page that `server/pages/room-view.ts` wrote as the room changes. */
export class RoomScreen {
  readonly initialState: RoomState;
  readonly #room = byId('room');
  readonly #moduleName: string;
  #state: RoomState;
  #shownHtml: string | null = null;
  /** The server's clock, compared with the browser's. */
  #ahead = 0;
  /** From the scheduled start on, the session can be ended. */
  #isEndable = false;

  constructor() {
    this.initialState = JSON.parse(this.#room.dataset.state ?? '') as RoomState;
    this.#moduleName = this.#room.dataset.module ?? '';
    this.#state = this.initialState;
    this.setTime(this.initialState.serverTime);
  }

  /** The server's time, in epoch milliseconds. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  setTime(serverTime: number): void {
    this.#ahead = serverTime - Date.now();
  }

  show(state: RoomState): void {
    const before = this.#state;
    if (JSON.stringify(before.agenda) !== JSON.stringify(state.agenda)) {
      location.reload();
      return;
    }
    this.#state = state;
    this.setTime(state.serverTime);
    this.#room.dataset.phase = state.phase;
    byId('lobby').hidden = state.phase !== 'lobby';
    byId('step').hidden = state.phase !== 'running';
    this.#showMeeting(state.meetingLink);
    this.showPeople(state.people);
    this.#showStep(state);
    const isMoved = before.phase !== state.phase || before.currentStep !== state.currentStep;
    if (isMoved) this.#announceMove(state);
    this.tick();
  }

  showPeople(people: readonly RoomPerson[]): void {
    const here = people.filter(({ isHere }) => isHere).length;
    this.#state = { ...this.#state, people };
    this.#showControls();
    byId('here').textContent = `${here} of ${people.length} here`;
    byId('people').replaceChildren(...people.map((person) => this.#personItem(person)));
  }

  /** Brings the clocks of the page up to date. */
  tick(): void {
    const { phase, startsAt, endsAt, step } = this.#state;
    const now = this.now();
    if (now >= startsAt && !this.#isEndable) this.#showControls();
    if (phase === 'lobby') byId('countdown').textContent = formatCountdown(startsAt - now);
    byId('overtime').hidden = now < endsAt;
    if (!step) return;
    const left = step.shownAt + step.minutes * MINUTE_MS - now;
    byId('timer').textContent = left >= 0 ? `${formatMinutes(left)} left` : `${formatMinutes(-left)} over`;
    byId('timer').classList.toggle('over', left < 0);
  }

  showTrouble(text: string | null): void {
    const banner = byId('connection');
    if (text !== null && banner.textContent !== text) banner.textContent = text;
    banner.hidden = text === null;
  }

  /** Calls `move` with the step that somebody asks for, and takes no other wish until that is done. */
  onMove(move: (step: number) => Promise<void>): void {
    byId<HTMLFormElement>('controls').addEventListener('submit', (event) => {
      event.preventDefault();
      const { submitter } = event;
      if (!(submitter instanceof HTMLButtonElement) || this.#room.dataset.busy) return;
      void this.#whileBusy(() => move(Number(submitter.value)));
    });
  }

  onEnd(end: () => Promise<void>): void {
    byId<HTMLFormElement>('end-form').addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#room.dataset.busy) void this.#whileBusy(end);
    });
  }

  async #whileBusy(work: () => Promise<void>): Promise<void> {
    this.#room.dataset.busy = 'true';
    try {
      await work();
    } finally {
      delete this.#room.dataset.busy;
    }
  }

  #showMeeting(address: string | null): void {
    const meeting = byId<HTMLAnchorElement>('meeting');
    meeting.hidden = address === null;
    if (address !== null) meeting.href = address;
  }

  #showStep({ step, currentStep, agenda }: RoomState): void {
    byId('step-number').textContent =
      currentStep === null || agenda.length === 0 ? '' : `Step ${currentStep + 1} of ${agenda.length}`;
    byId('step-title').textContent = step?.title ?? missingStep(this.#state);
    const html = step?.html ?? (agenda.length === 0 ? '<p>This session has no steps: the time is yours.</p>' : '');
    if (html !== this.#shownHtml) {
      this.#shownHtml = html;
      // Rendered by the server, which lets nothing through but plain formatting.
      byId('prompt').innerHTML = html;
    }
    for (const [index, segment] of [...byId('segments').children].entries()) {
      segment.className = currentStep === null || index > currentStep ? '' : index === currentStep ? 'now' : 'done';
    }
    for (const [index, item] of [...(document.getElementById('agenda')?.children ?? [])].entries()) {
      if (index === currentStep) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    }
  }

  #showControls(): void {
    const { phase, currentStep, agenda, people, startsAt } = this.#state;
    const last = agenda.length - 1;
    const isLobby = phase === 'lobby';
    const isLast = (currentStep ?? 0) >= last;
    const focused = document.activeElement;
    const back = byId<HTMLButtonElement>('back');
    const next = byId<HTMLButtonElement>('next');
    byId<HTMLInputElement>('from').value = String(currentStep ?? '');
    back.value = String(Math.max(0, Math.min((currentStep ?? 0) - 1, last)));
    back.hidden = isLobby || agenda.length === 0;
    back.disabled = currentStep === null || currentStep === 0;
    next.value = String(currentStep === null ? 0 : currentStep + 1);
    const hasNext = agenda.length > 0 && (currentStep === null || !isLast);
    next.hidden = !hasNext || (isLobby && !people.every(({ isHere }) => isHere));
    next.textContent = isLobby ? 'Begin now, for everyone' : 'Next step';
    this.#isEndable = this.now() >= startsAt;
    byId('finish').hidden = !this.#isEndable || !isLast;
    byId('early').hidden = !this.#isEndable || isLast;
    // A button that is gone must not take the keyboard's place on the page with it.
    if ((focused === back && (back.hidden || back.disabled)) || (focused === next && next.hidden)) {
      byId('step-title').focus({ preventScroll: true });
    }
  }

  #announceMove({ step, currentStep, agenda, people, movedBy }: RoomState): void {
    if (!step || currentStep === null) return;
    const label = `Step ${currentStep + 1} of ${agenda.length}: ${step.title}`;
    const mover = movedBy === this.#room.dataset.me ? undefined : people.find(({ id }) => id === movedBy);
    byId('announcement').textContent = mover ? `${mover.name} moved the group. ${label}` : label;
    document.title = `${label} · ${this.#moduleName}`;
    const card = byId('step');
    card.classList.remove('entering');
    void card.offsetWidth;
    card.classList.add('entering');
    if (card.getBoundingClientRect().top < 0) card.scrollIntoView({ block: 'start' });
  }

  /** As `room-view.ts` on the server makes it. */
  #personItem({ id, name, initials, isHere }: RoomPerson): HTMLLIElement {
    const item = document.createElement('li');
    item.className = isHere ? 'here' : 'away';
    const face = span('face', initials);
    face.setAttribute('aria-hidden', 'true');
    const isMe = id === this.#room.dataset.me;
    item.append(face, span('name', isMe ? 'You' : name), span('visually-hidden', isHere ? ', here' : ', not here'));
    return item;
  }
}

/** As `room-view.ts` on the server says it. */
function missingStep({ agenda, currentStep }: RoomState): string {
  if (agenda.length === 0) return 'Talk freely';
  return currentStep === null ? 'Your group is about to begin' : 'This step is gone. Choose another.';
}

function span(className: string, text: string): HTMLSpanElement {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = text;
  return element;
}
