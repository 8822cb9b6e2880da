import { type Config, readConfig } from '../config.ts';
import { DEMO_SLUG, makeDemo } from '../demo/make-demo.ts';
import type { Database } from '../store/database.ts';
import { openDatabase } from '../store/open-database.ts';
import { findOrganization } from '../store/organizations.ts';
import { print } from './output.ts';
import { startServing, stopSignal } from './serve.ts';
import { addresses, demoWelcome, emptyHint, keyHint } from './welcome.ts';

/** Runs the server until it is told to stop. The demo is there before the line that says that we listen. */
export async function start({ demo }: { readonly demo: boolean }): Promise<void> {
  const config = readConfig();
  await using server = await startServing(config, demo ? DEMO_SLUG : null);
  await print(`rollcall listening on ${server.address}\n\n${await welcome(server.address, config, demo)}`);
  await stopSignal();
}

/** By a connection of its own: the server may be other processes. */
async function welcome(address: string, config: Config, demo: boolean): Promise<string> {
  await using database = await openDatabase(config);
  const demoHint = demo ? await welcomeToDemo(database, address, config) : null;
  const hasDemo = (await findOrganization(DEMO_SLUG, database.reader)) !== null;
  const hint = demoHint ?? (hasDemo ? keyHint(DEMO_SLUG, config) : emptyHint(config));
  return `${addresses(address, { hasHostPage: demo && hasDemo })}\n\n${hint}`;
}

/**
 * Makes the demo where there is no organization; null where there is one. The server listens already, since pictures are
 * stored with their address, which is known only then. Where PUBLIC_URL (or a port that was any free one) is another at
 * a later start, those of the demo stay as they were.
 */
async function welcomeToDemo(database: Database, address: string, config: Config): Promise<string | null> {
  const demo = await makeDemo({ database, now: Date.now }, config.publicUrl ?? address);
  return demo && demoWelcome(demo, address, Date.now());
}
