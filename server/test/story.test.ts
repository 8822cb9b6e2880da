import type { Cluster } from '@rollcall/contract/clusters.ts';
import type { Completion } from '@rollcall/contract/completions.ts';
import type { Cluster as ManagedCluster } from '@rollcall/contract/manage/clusters.ts';
import type { ExplainedCompletion } from '@rollcall/contract/manage/completions.ts';
import type { Registration } from '@rollcall/contract/manage/registrations.ts';
import type { Session } from '@rollcall/contract/manage/session-shapes.ts';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { seriousFaults } from './support/axe.ts';
import { PHONE } from './support/browser.ts';
import { type BrowserGuest, openBrowserGroup } from './support/browser-group.ts';
import { frameOf, messagesOf, startHostSite } from './support/host-page.ts';
import { readCompletions } from './support/learning.ts';
import { createManager, createModule, type List, type Manager } from './support/manage.ts';
import { createRoomTime, type RoomTime } from './support/room-time.ts';
import { button, shows } from './support/screen.ts';
import { sendSignUpForm } from './support/sign-up-form.ts';
import { startTestServer } from './support/test-server.ts';
import { upsertUsers } from './support/users.ts';

const TIMEOUT_MS = 120_000;
/** As wide as most laptops. */
const LAPTOP = { width: 1280, height: 800 } as const;

const server = await startTestServer();
const browsers = await openBrowserGroup();
afterAll(async () => {
  await browsers[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const STEPS = ['Arrive', 'Look back', 'Try it', 'Decide', 'Part'];

/** A moment of the day on which the session is: it begins at 14:00 and is to last 15 minutes. */
const on = (time: string) => `2026-03-05T${time}Z`;

interface Offered {
  readonly manager: Manager;
  readonly module: Pick<Cluster, 'moduleId' | 'moduleName'>;
  readonly clusterId: string;
  readonly session: Session;
  /** As `GET /v1/clusters` answers it. */
  readonly iframeCode: string;
}

/** A test organization that offers a module on one date, all made by the management API. */
async function offerSession(): Promise<Offered> {
  const manager = await createManager(server, { isTest: true });
  const steps = STEPS.map((title) => ({ title, minutes: 3, prompt: `Talk about **${title}**.` }));
  const { id: moduleId } = await createModule(manager, {
    name: 'Meetings that decide',
    category: 'Collaboration',
    description: 'Find out together what makes a meeting end with a decision.',
    duration: 15,
    steps,
  });
  const sessions = { startsAt: [on('14:00:00')], meetingLink: 'https://meet.example/abc' };
  await manager.make<ManagedCluster>('/clusters', { moduleId, selfRegistration: true, capacity: 4, sessions });
  const { items: clusters } = await manager.read<List<ManagedCluster>>('/clusters');
  const { items } = await manager.read<List<Session>>(`/sessions?clusterId=${clusters[0]?.id}`);
  const answer = await manager.organization.get('/v1/clusters');
  const [cluster] = answer.json<{ data: { items: Cluster[] } }>().data.items;
  if (!cluster?.iframeCode || !items[0]) throw new Error('nothing is on offer');
  return { manager, module: cluster, clusterId: cluster.clusterId, session: items[0], iframeCode: cluster.iframeCode };
}

/** Somebody with a browser whose clock goes with the organization's. */
async function join(viewport: { width: number; height: number }): Promise<BrowserGuest> {
  const guest = await browsers.join({ viewport });
  await guest.context.clock.install();
  return guest;
}

/** Presses a button or link that opens a page of its own; answers that page. */
async function openedBy(guest: BrowserGuest, click: Promise<void>): Promise<Page> {
  const [page] = await Promise.all([guest.context.waitForEvent('page'), click]);
  await page.waitForLoadState();
  return page;
}

/** Nothing on the page stands in anybody's way, and none of it is beyond the window's edge. */
async function isFitForAll(page: Page, state: string): Promise<void> {
  const frames = page.frames().length > 1 ? [frameOf(page)] : [page];
  for (const frame of frames) {
    expect([state, await seriousFaults(frame)]).toEqual([state, []]);
    const beyond = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect([state, await frame.evaluate(beyond)]).toEqual([state, 0]);
  }
}

/** The facts of a summary: `{ 'Time present': '8 minutes' }`. */
async function factsOn(page: Page): Promise<Record<string, string>> {
  const facts = await page.locator('.facts > div').all();
  const entries = facts.map(async (fact) => {
    const [term, value] = await Promise.all([fact.locator('dt').textContent(), fact.locator('dd').textContent()]);
    return [term, value?.replace(/\s+/g, ' ')];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}

/** The people of the organization's HR system, all with a seat; answers their registrations by remote id. */
async function seatStaff({ manager, session }: Offered): Promise<Map<string, Registration>> {
  const staff = [
    { remoteId: 'E2', firstName: 'Grace', lastName: 'Hopper' },
    { remoteId: 'E3', firstName: 'Alan', lastName: 'Turing' },
    { remoteId: 'E4', firstName: 'Edsger', lastName: 'Dijkstra' },
  ];
  await upsertUsers(manager.organization, ...staff);
  const seats = new Map<string, Registration>();
  for (const { remoteId } of staff) {
    seats.set(remoteId, await manager.make(`/sessions/${session.id}/registrations`, { remoteId }));
  }
  return seats;
}

/** Opens a room, and keeps it in view from then on. */
async function enter(guest: BrowserGuest, time: RoomTime, link: string): Promise<Page> {
  await guest.page.goto(link);
  await guest.page.locator('#room').waitFor();
  time.pages.add(guest.page);
  return guest.page;
}

/** Has somebody move the group, and waits until all see it; answers how many milliseconds that took. */
async function move(mover: Page, name: string, title: string, pages: Iterable<Page>): Promise<number> {
  const at = performance.now();
  const seen = [...pages].map((page) => shows(page, '#step-title', title));
  await Promise.all([button(mover, name).click(), ...seen]);
  return performance.now() - at;
}

/** Whoever has no remote id comes first. */
function byRemoteUserId(a: Completion, b: Completion): number {
  return (a.remoteUserId ?? '').localeCompare(b.remoteUserId ?? '');
}

/** What has to come of the session, worked out by hand from the times at which its people come and go. */
function expectedRecords({ clusterId, module }: Offered): Completion[] {
  const shared = {
    id: expect.any(String),
    clusterId,
    moduleId: module.moduleId,
    moduleName: 'Meetings that decide',
    moduleCategory: 'Collaboration',
    moduleThumbnailUrl: null,
    moduleDescription: 'Find out together what makes a meeting end with a decision.',
    duration: 15,
    attended: true,
    sessionScheduledStartAt: on('14:00:00'),
    sessionScheduledEndAt: on('14:15:00'),
    participantFirstVisitedAt: on('13:59:30'),
    participantLastVisitedAt: on('14:08:00'),
    totalSteps: 5,
    hash: expect.stringMatching(/^[0-9a-f]{12}$/),
  };
  return [
    // Ada, from 13:59:30 to 14:08:00: 8 1/2 minutes, and all steps.
    { ...shared, remoteUserId: null, timeInSessionMins: 8, stepsVisited: 5, percentageStepsVisited: 100 },
    // Grace, to 14:05:00, and from 14:07:00 to 14:08:00: 6 1/2 minutes, without the step from 14:05:30 to 14:06:30.
    { ...shared, remoteUserId: 'E2', timeInSessionMins: 6, stepsVisited: 4, percentageStepsVisited: 80 },
    // Alan, to 14:03:00: 3 1/2 minutes, and the first two steps.
    {
      ...shared,
      remoteUserId: 'E3',
      participantLastVisitedAt: on('14:03:00'),
      timeInSessionMins: 3,
      stepsVisited: 2,
      percentageStepsVisited: 40,
    },
    // Edsger, who did not come.
    {
      ...shared,
      remoteUserId: 'E4',
      attended: false,
      participantFirstVisitedAt: null,
      participantLastVisitedAt: null,
      timeInSessionMins: 0,
      stepsVisited: 0,
      percentageStepsVisited: 0,
    },
  ];
}

test(
  'a stranger signs up on another site, three people hold a session, and the company reads what came of it',
  async () => {
    const offered = await offerSession();
    const { manager, module, session, clusterId } = offered;
    await using host = await startHostSite(offered.iframeCode);
    await using otherHost = await startHostSite(offered.iframeCode);
    await manager.change('/organization', { embedOrigins: [host.origin] });

    // A site that the company has not named shows nothing of the form.
    const uninvited = await browsers.join();
    await uninvited.page.goto(otherHost.origin);
    await expect.poll(() => uninvited.complaints.join('\n')).toMatch(/frame-ancestors/);
    expect(await frameOf(uninvited.page).content()).not.toContain(module.moduleName);
    expect(await messagesOf(uninvited.page)).toEqual([]);

    // The stranger, on the intranet.
    const stranger = await join(LAPTOP);
    await stranger.page.goto(host.origin);
    const form = frameOf(stranger.page);
    await form.waitForSelector('form');
    await isFitForAll(stranger.page, 'form');
    await sendSignUpForm(form, { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' });
    await form.waitForSelector('text=You have a seat');
    await isFitForAll(stranger.page, 'confirmation');
    const registered = { type: 'rollcall:registered', clusterId, sessionId: session.id };
    await expect.poll(() => messagesOf(stranger.page)).toContainEqual({ origin: server.address, data: registered });
    const height = { type: 'rollcall:height', height: expect.any(Number) };
    expect(await messagesOf(stranger.page)).toContainEqual({ origin: server.address, data: height });
    expect(await stranger.context.cookies()).toEqual([]);

    // Colleagues whom the company knows. Edsger will not come.
    const seats = await seatStaff(offered);
    const linkOf = (remoteId: string) => seats.get(remoteId)?.joinUrl ?? '';

    // Half a minute to go: the page that Ada opened the day before has moved on to the lobby by itself.
    const ada = await openedBy(stranger, form.click('text=Open your page'));
    await shows(ada, 'main', 'The room opens in');
    await isFitForAll(ada, 'waiting');
    const time = createRoomTime(manager);
    await time.set(on('13:59:30'));
    await ada.clock.fastForward(48 * 3_600_000);
    await ada.locator('#lobby').waitFor();
    time.pages.add(ada);
    const [second, third] = [await join(LAPTOP), await join(LAPTOP)];
    const grace = await enter(second, time, linkOf('E2'));
    const alan = await enter(third, time, linkOf('E3'));
    for (const page of time.pages) await shows(page, '#here', '3 of 4 here');
    await isFitForAll(grace, 'lobby');

    // The session begins by itself.
    await time.passTo(on('14:00:00'));
    for (const page of time.pages) await shows(page, '#step-title', 'Arrive');
    await isFitForAll(alan, 'room');
    await time.passTo(on('14:02:00'));
    const moves = [await move(ada, 'Next step', 'Look back', time.pages)];

    // Alan leaves early.
    await time.passTo(on('14:03:00'));
    time.pages.delete(alan);
    await alan.goto('about:blank');
    for (const page of time.pages) await shows(page, '#here', '2 of 4 here');
    await time.passTo(on('14:04:00'));
    moves.push(await move(grace, 'Next step', 'Try it', time.pages));

    // Grace is away for two minutes, and misses a step.
    await time.passTo(on('14:05:00'));
    time.pages.delete(grace);
    await grace.goto('about:blank');
    await shows(ada, '#here', '1 of 4 here');
    await time.passTo(on('14:05:30'));
    moves.push(await move(ada, 'Next step', 'Decide', time.pages));
    await time.passTo(on('14:06:30'));
    moves.push(await move(ada, 'Next step', 'Part', time.pages));
    await time.passTo(on('14:07:00'));
    await enter(second, time, linkOf('E2'));
    await shows(ada, '#here', '2 of 4 here');
    await shows(grace, '#step-title', 'Part');
    await time.passTo(on('14:08:00'));
    // Within a second; one or the other may be late where three browsers and a server share a busy machine.
    expect(moves.toSorted((a, b) => a - b)[1]).toBeLessThan(1_000);

    // The group ends it before its time.
    await button(ada, 'Finish…').click();
    await button(ada, 'End for everyone').click();
    for (const page of time.pages) await shows(page, 'main', 'The session is over.');
    await isFitForAll(ada, 'summary');
    expect(await factsOn(ada)).toEqual({ 'Time present': '8 minutes', Steps: '5 of 5' });
    expect(await factsOn(grace)).toEqual({ 'Time present': '6 minutes', Steps: '4 of 5' });

    // What the company reads.
    const completions = await readCompletions(manager.organization);
    expect(completions.toSorted(byRemoteUserId)).toEqual(expectedRecords(offered));
    for (const [remoteId, { id }] of seats) {
      expect(completions.find(({ remoteUserId }) => remoteUserId === remoteId)?.id).toBe(id);
    }

    // And why.
    const explained = await manager.read<ExplainedCompletion>(`/completions/${seats.get('E2')?.id}/explain`);
    expect(explained).toMatchObject({
      completion: completions.find(({ remoteUserId }) => remoteUserId === 'E2'),
      room: { opensAt: on('13:50:00'), closesAt: on('14:08:00'), endedByGroup: true },
      presence: [
        { from: on('13:59:30'), to: on('14:05:00'), seconds: 330 },
        { from: on('14:07:00'), to: on('14:08:00'), seconds: 60 },
      ],
      gaps: [{ from: on('14:05:00'), to: on('14:07:00'), seconds: 120, reason: 'left' }],
      presentSeconds: 390,
      attendedReason: 'present',
    });
    expect(explained.steps.map(({ title, reason }) => [title, reason])).toEqual([
      ['Arrive', 'seen'],
      ['Look back', 'seen'],
      ['Try it', 'seen'],
      ['Decide', 'absent'],
      ['Part', 'seen'],
    ]);
    expect([stranger, second, third].flatMap(({ complaints }) => complaints)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'on a phone, somebody whom the company knows goes from the form to a session that runs over, and is recorded at its end',
  async () => {
    const { manager, iframeCode } = await offerSession();
    await upsertUsers(manager.organization, { remoteId: 'E1', email: 'ada@example.com', firstName: 'Ada' });
    await using host = await startHostSite(iframeCode);
    await manager.change('/organization', { embedOrigins: [host.origin] });
    const guest = await join(PHONE);
    await guest.page.goto(host.origin);
    const form = frameOf(guest.page);
    await form.waitForSelector('form');
    await isFitForAll(guest.page, 'form');
    await sendSignUpForm(form);
    await form.waitForSelector('text=You have a seat');
    await isFitForAll(guest.page, 'confirmation');

    const time = createRoomTime(manager);
    await time.set(on('13:55:00'));
    const ada = await openedBy(guest, form.click('text=Open your page'));
    await ada.locator('#lobby').waitFor();
    await shows(ada, '#here', '1 of 1 here');
    await isFitForAll(ada, 'lobby');
    // Nothing is heard of the phone until ten minutes after the start.
    await time.set(on('14:10:00'));
    await ada.clock.fastForward(15 * 60_000);
    await shows(ada, '#step-title', 'Arrive');
    await isFitForAll(ada, 'room');
    time.pages.add(ada);
    await time.passTo(on('14:12:00'));
    await move(ada, 'Next step', 'Look back', time.pages);
    await time.passTo(on('14:14:30'));
    expect(await readCompletions(manager.organization)).toEqual([]);
    await time.passTo(on('14:15:00'));
    expect(await readCompletions(manager.organization)).toMatchObject([{ remoteUserId: 'E1', timeInSessionMins: 5 }]);

    // The group goes on, and sees a step more.
    await time.passTo(on('14:16:00'));
    await ada.locator('#overtime').waitFor();
    await move(ada, 'Next step', 'Try it', time.pages);
    await time.passTo(on('14:17:30'));
    await isFitForAll(ada, 'overtime');
    // The room closes half an hour after the planned end, and takes leave of its pages.
    await time.set(on('14:45:00'));
    await shows(ada, 'main', 'The session is over.');
    await isFitForAll(ada, 'summary');
    expect(await factsOn(ada)).toEqual({ 'Time present': '7 minutes', Steps: '3 of 5' });
    expect(await readCompletions(manager.organization)).toMatchObject([
      {
        remoteUserId: 'E1',
        participantFirstVisitedAt: on('13:55:00'),
        participantLastVisitedAt: on('14:17:30'),
        timeInSessionMins: 7,
        stepsVisited: 3,
        percentageStepsVisited: 60,
      },
    ]);
  },
  TIMEOUT_MS,
);
