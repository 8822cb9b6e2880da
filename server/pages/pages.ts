import type { FastifyInstance } from 'fastify';
import { Refusal } from '../domain/refusal.ts';
import { addAssets, readAssets } from './assets.ts';
import { addCalendarFile } from './calendar-file.ts';
import type { PagesContext, PagesOptions } from './context.ts';
import { addDemoHost } from './demo-host.ts';
import { type ErrorPageNeeds, sendErrorPage } from './error-page.ts';
import { roomLimits } from './link-limit.ts';
import { addRoom } from './room.ts';
import { addRoomApi } from './room-api.ts';
import { RoomHub } from './room-hub.ts';
import { pageSender } from './send.ts';
import { addSignUp } from './sign-up.ts';

/** What is sent by a form is short. */
const FORM_BYTES_MAX = 16_384;

/** The door of the pages. Below its addresses all answers, errors too, are pages; the rest of the server answers JSON. */
export function addPages(app: FastifyInstance, options: PagesOptions): void {
  const assets = readAssets();
  const context: PagesContext = {
    ...options,
    sendPage: pageSender(assets),
    joinLink: (token) => `${options.publicUrl()}/join/${token}`,
  };
  addAssets(app, assets);
  addDoor(app, context, '/embed', addSignUp, { framedBy: 'any', scripts: ['embed.js'] });
  addRoomDoor(app, context);
  if (options.demo) addDoor(app, context, '/demo', addDemoHost);
}

/** What is behind a join link: pages, and in their background what the room's page asks for. */
function addRoomDoor(app: FastifyInstance, context: PagesContext): void {
  const hub = new RoomHub(context);
  const limits = roomLimits();
  app.addHook('preClose', async () => hub[Symbol.dispose]());
  addRoomApi(app, context, hub, limits);
  addDoor(app, context, '/join', (door) => {
    addCalendarFile(door, context);
    addRoom(door, context, limits);
  });
}

/** A part of the addresses with its own pages; `errors` is what pages about errors need there. */
function addDoor(
  app: FastifyInstance,
  context: PagesContext,
  prefix: string,
  addRoutes: (door: FastifyInstance, context: PagesContext) => void,
  errors: ErrorPageNeeds = {},
): void {
  app.register(
    (door, _options, done) => {
      door.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'buffer', bodyLimit: FORM_BYTES_MAX },
        (_request, body, parsed) => parsed(null, body),
      );
      door.setErrorHandler((error, request, reply) => sendErrorPage(context, error, request, reply, errors));
      door.setNotFoundHandler((request, reply) =>
        sendErrorPage(context, new Refusal('not_found', NOWHERE), request, reply, errors),
      );
      addRoutes(door, context);
      done();
    },
    { prefix },
  );
}

const NOWHERE = 'This address leads nowhere. Check that you have copied all of it.';
