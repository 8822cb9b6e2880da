import type { RoomPerson, RoomState } from '@rollcall/contract/room.ts';
import type { Organization } from '../store/organizations.ts';
import type { SessionWithModule } from '../store/sessions.ts';
import { flag, Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { stretchHtml } from './times.ts';

/** What the page of an open room shows. */
export interface RoomView {
  readonly organization: Pick<Organization, 'name' | 'accentColor'>;
  readonly session: SessionWithModule;
  readonly state: RoomState;
  /** Who looks at it. */
  readonly me: string;
}

const MINUTE_MS = 60_000;

/**
 * The page of an open room: the lobby until the session begins, then the step that the group is on. All of it is there
 * before any script runs; the script `room.js` keeps it in step with the group.
 */
export function roomPage(view: RoomView): Page {
  const { organization, session, state } = view;
  const { step, currentStep } = state;
  const title = step && currentStep !== null ? `${stepLabel(state)}: ${step.title}` : 'Lobby';
  return {
    title: `${title} · ${session.module.name}`,
    kind: 'room-page',
    accent: organization.accentColor,
    styles: ['room-closed.css', 'room.css', 'room-group.css', 'prose.css'],
    scripts: ['room.js'],
    body: html`<main class="room" id="room" data-phase="${state.phase}" data-me="${view.me}" data-module="${session.module.name}" data-state="${stateForScript(state)}">
${header(view)}
<div class="floor">
${group(state, view.me)}
<div class="stage">
${lobby(view)}
${running(state)}
</div>
<div class="side">
${agenda(state)}
${presenceNote()}
</div>
</div>
${controls(state)}
${ending()}
<p class="visually-hidden" role="status" id="announcement"></p>
</main>`,
  };
}

/** The prompt stands on the page already, and need not be there twice. */
function stateForScript({ step, ...state }: RoomState): string {
  return JSON.stringify({ ...state, step: step && { ...step, html: '' } });
}

function header({ organization, session, state }: RoomView): Html {
  const { startsAt: from, endsAt: to } = state;
  return html`<header class="room-head">
<div>
<p class="overline">${organization.name}</p>
<h1>${session.module.name}</h1>
<p class="muted small">${stretchHtml({ from, to })}</p>
</div>
${meetingLink(state.meetingLink)}
</header>
<p class="banner" role="status" id="connection" hidden>Connection lost. We are trying to get back; your group may be further on.</p>
<p class="banner" id="overtime"${flag('hidden', state.serverTime < to)}>The planned time is over. You can go on until the room closes.</p>
<noscript><p class="banner">Without JavaScript this page does not move on by itself: <a href="">load it again</a> to see where your group is. You count as present only at the moments at which you press one of its buttons.</p></noscript>`;
}

function meetingLink(address: string | null): Html {
  return html`<a class="button meeting" id="meeting" href="${address ?? '#'}" target="_blank" rel="noopener noreferrer"${flag('hidden', address === null)}>Join the call<span class="visually-hidden"> (opens in a new tab)</span></a>`;
}

function lobby({ session, state }: RoomView): Html {
  const minutes = Math.ceil((state.startsAt - state.serverTime) / MINUTE_MS);
  return html`<section class="card lobby" id="lobby" aria-labelledby="lobby-heading"${flag('hidden', state.phase !== 'lobby')}>
<h2 id="lobby-heading">You are in. It begins in</h2>
<p class="countdown" role="timer" id="countdown">${minutes === 1 ? '1 minute' : `${minutes} minutes`}</p>
<p class="lead">${session.module.description}</p>
<ul class="hints">
<li>This page moves on by itself when it is time.</li>
${state.agenda.length > 0 && html`<li>Your group runs the session together: anyone can show everyone the next step.</li>\n<li>Once all who have a seat are here, you can begin earlier.</li>`}
${state.meetingLink === null ? '' : html`<li>Join the call now, and put it beside this page.</li>`}
</ul>
</section>`;
}

function running(state: RoomState): Html {
  const { step, agenda } = state;
  return html`<section class="card step" id="step" aria-labelledby="step-title"${flag('hidden', state.phase !== 'running')}>
<ol class="segments" id="segments" aria-hidden="true">${agenda.map((_, index) => html`<li class="${segmentClass(index, state.currentStep)}"></li>`)}</ol>
<div class="step-head">
<p class="overline" id="step-number">${stepLabel(state)}</p>
<p class="timer" role="timer" aria-label="Time for this step" id="timer">${step && `${step.minutes} min`}</p>
</div>
<h2 id="step-title" tabindex="-1">${step?.title ?? missingStep(state)}</h2>
<div class="prose" id="prompt">${prompt(state)}</div>
</section>`;
}

function prompt({ step, agenda }: RoomState): Html | string {
  if (step) return Html.trusted(step.html);
  return agenda.length === 0 ? html`<p>This session has no steps: the time is yours.</p>` : '';
}

/** As `room-screen.ts` in the browser says it. */
function missingStep({ agenda, currentStep }: RoomState): string {
  if (agenda.length === 0) return 'Talk freely';
  return currentStep === null ? 'Your group is about to begin' : 'This step is gone. Choose another.';
}

function segmentClass(index: number, currentStep: number | null): string {
  if (currentStep === null || index > currentStep) return '';
  return index === currentStep ? 'now' : 'done';
}

/** `Step 2 of 8` */
function stepLabel({ currentStep, agenda }: RoomState): string {
  return currentStep === null || agenda.length === 0 ? '' : `Step ${currentStep + 1} of ${agenda.length}`;
}

function group({ people }: RoomState, me: string): Html {
  const here = people.filter(({ isHere }) => isHere).length;
  return html`<section class="group" aria-labelledby="group-heading">
<h2 id="group-heading"><span>Your group</span> <span class="chip" id="here">${here} of ${people.length} here</span></h2>
<ul class="people" id="people" tabindex="0" aria-labelledby="group-heading">
${people.map((person) => personItem(person, me))}
</ul>
</section>`;
}

/** As `room.ts` in the browser makes it. */
function personItem({ id, name, initials, isHere }: RoomPerson, me: string): Html {
  return html`<li class="${isHere ? 'here' : 'away'}"><span class="face" aria-hidden="true">${initials}</span><span class="name">${id === me ? 'You' : name}</span><span class="visually-hidden">${isHere ? ', here' : ', not here'}</span></li>\n`;
}

function agenda({ agenda, currentStep }: RoomState): Html {
  if (agenda.length === 0) return html``;
  return html`<section class="agenda" aria-labelledby="agenda-heading">
<h2 id="agenda-heading">Steps</h2>
<ol id="agenda">
${agenda.map(({ title, minutes }, index) => html`<li${index === currentStep && html` aria-current="step"`}><span>${title}</span> <span class="muted">${minutes}&nbsp;min</span></li>\n`)}
</ol>
</section>`;
}

function presenceNote(): Html {
  return html`<p class="muted small">You count as present while this page is open and in view. Nothing else is measured: no keys, no clicks, no sound, no picture.</p>`;
}

/** Plain forms: the script sends them in the background, and without it they work all the same. */
function controls({ phase, currentStep, agenda, people, serverTime, startsAt }: RoomState): Html {
  const last = agenda.length - 1;
  const isLobby = phase === 'lobby';
  const isLast = (currentStep ?? 0) >= last;
  const hasNext = agenda.length > 0 && (currentStep === null || currentStep < last);
  const isEndable = serverTime >= startsAt;
  const back = currentStep === null ? 0 : Math.min(currentStep - 1, last);
  const next = currentStep === null ? 0 : currentStep + 1;
  return html`<form class="controls" method="post" id="controls" aria-label="Move the group">
<input type="hidden" name="from" id="from" value="${currentStep ?? ''}">
<button class="button quiet" name="back" value="${back}" id="back"${flag('hidden', isLobby || agenda.length === 0)}${flag('disabled', currentStep === null || currentStep === 0)}>Back</button>
<button class="button" name="next" value="${next}" id="next"${flag('hidden', !hasNext || (isLobby && !people.every(({ isHere }) => isHere)))}>${isLobby ? 'Begin now, for everyone' : 'Next step'}</button>
<button class="button" type="button" id="finish" popovertarget="end"${flag('hidden', !isEndable || !isLast)}>Finish…</button>
<noscript><button class="button quiet" name="here" value="1">I am here</button></noscript>
</form>
<p class="muted small early" id="early"${flag('hidden', !isEndable || isLast)}>Done already? <button class="link" type="button" popovertarget="end">End the session for everyone…</button></p>`;
}

function ending(): Html {
  return html`<div class="card dialog" id="end" popover role="dialog" aria-labelledby="end-heading">
<h2 id="end-heading">End the session for everyone?</h2>
<p>The room closes for the whole group, and what came of it is recorded. This cannot be undone.</p>
<form class="buttons" method="post" id="end-form">
<button class="button" type="button" popovertarget="end" popovertargetaction="hide" autofocus>Go on</button>
<button class="button quiet" name="end" value="1">End for everyone</button>
</form>
</div>`;
}
