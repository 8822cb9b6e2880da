import { setTimeout as sleep } from 'node:timers/promises';
import type { RoomState } from '@rollcall/contract/room.ts';
import { upsertUsers } from '../../server/actions/batch-users.ts';
import { createCluster } from '../../server/actions/create-cluster.ts';
import { createModule } from '../../server/actions/create-module.ts';
import { registerUser } from '../../server/actions/register-user.ts';
import { scheduleSession } from '../../server/actions/schedule-session.ts';
import type { OrganizationId } from '../../server/store/tables.ts';
import { connectEvents, type EventConnection } from '../../server/test/support/events.ts';
import type { Installation } from '../../server/test/support/program.ts';
import { sendRequest } from '../../server/test/support/request.ts';

const MINUTE_MS = 60_000;
/** So many take turns at moving the group on: each link may do so once a second. */
const PARTICIPANTS = 12;
const MOVE_EVERY_MS = 150;
const LOOK_MS = 5;
const RECONNECT_MS = 200;

/** Makes a session that has begun, with participants; answers the paths of their join links. */
export async function addRoom(installation: Installation, organization: OrganizationId): Promise<string[]> {
  await using database = await installation.openDatabase();
  const context = { database, now: () => Date.now() - MINUTE_MS };
  const steps = [0, 1].map((number) => ({ title: `Step ${number}`, prompt: 'Talk.', minutes: 30 }));
  const texts = { name: 'Fault', category: '', description: '', thumbnailUrl: null, durationMinutes: 60 };
  const module = await createModule(context, organization, { ...texts, steps });
  const cluster = await createCluster(context, organization, { moduleId: module.id, selfRegistration: true });
  const scheduledStartAt = Date.now() - MINUTE_MS / 2;
  const session = await scheduleSession(context, organization, {
    clusterId: cluster.id,
    scheduledStartAt,
    capacity: PARTICIPANTS,
  });
  const templates = Array.from({ length: PARTICIPANTS }, (_, index) => ({ remoteId: `in-the-room-${index}` }));
  const { body } = await upsertUsers(context, organization, templates, { dryRun: false, idempotency: null });
  const links: string[] = [];
  for (const { id: userId } of (JSON.parse(body) as { data: { success: { id: string }[] } }).data.success) {
    const { joinToken } = await registerUser(context, organization, { sessionId: session.id, userId });
    links.push(`/join/${joinToken}`);
  }
  return links;
}

export interface WatchedRoom {
  /** How often the page lost its connection and came back. */
  readonly reconnects: number;
  /** When the page is told of a move that is made from now on, `performance.now()`. */
  nextMoveHeard(): Promise<number>;
  stop(): Promise<void>;
}

/** A page that stays connected to a room as a browser does, and somebody who moves the group on all the time. */
export async function watchRoom(address: string, links: readonly string[]): Promise<WatchedRoom> {
  let isOver = false;
  let reconnects = -1;
  // Before the first move the group is on no step.
  let step: number | null = null;
  let wanted: { readonly step: number; readonly heard: (at: number) => void } | undefined;
  const hear = (state: RoomState) => {
    if (wanted !== undefined && state.currentStep === wanted.step) wanted.heard(performance.now());
  };
  const move = async () => {
    for (let turn = 0; !isOver; turn++) {
      const next = otherStep(step);
      const link = links[turn % links.length];
      const body = { from: step, step: next };
      const reply = await sendRequest(`${address}${link}/move`, { method: 'POST', body }).catch(() => null);
      if (reply?.status === 200) step = next;
      else if (reply?.status === 409) step = reply.json<Conflict>().error.metadata.currentStep;
      await sleep(MOVE_EVERY_MS);
    }
  };
  const watch = async () => {
    while (!isOver) {
      reconnects++;
      using connection = await connectEvents(`${address}${links[0]}/events`).catch(() => null);
      if (connection?.status === 200) await follow(connection, hear, () => isOver);
      await sleep(RECONNECT_MS);
    }
  };
  const running = [move(), watch()];
  return {
    get reconnects() {
      return reconnects;
    },
    async nextMoveHeard() {
      const heard = new Promise<number>((resolve) => {
        wanted = { step: otherStep(step), heard: resolve };
      });
      const at = await heard;
      wanted = undefined;
      return at;
    },
    async stop() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

const otherStep = (step: number | null): number => (step === 0 ? 1 : 0);

interface Conflict {
  readonly error: { readonly metadata: { readonly currentStep: number | null } };
}

/** Passes every state on until the connection ends. */
async function follow({ events, ended }: EventConnection, hear: (state: RoomState) => void, isOver: () => boolean) {
  for (let seen = 0; !isOver(); ) {
    for (; seen < events.length; seen++) if (events[seen]?.name === 'state') hear(events[seen]?.data as RoomState);
    const isGone = await ended(LOOK_MS).then(
      () => true,
      () => false,
    );
    if (isGone) return;
  }
}
