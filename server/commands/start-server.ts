import type { App } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { DEMO_SLUG, makeDemo } from '../demo/make-demo.ts';
import { findOrganization } from '../store/organizations.ts';
import { print } from './output.ts';
import { startServer, stopSignal } from './serve.ts';
import { addresses, demoWelcome, emptyHint, keyHint } from './welcome.ts';

/** Runs the server until it is told to stop. The demo is there before the line that says that we listen. */
export async function start({ demo }: { readonly demo: boolean }): Promise<void> {
  const config = readConfig();
  await using app = await startServer(config, { demo: demo ? DEMO_SLUG : null });
  const welcome = demo ? await welcomeToDemo(app, config) : null;
  const hasDemo = (await findOrganization(DEMO_SLUG, app.database.reader)) !== null;
  const hint = welcome ?? (hasDemo ? keyHint(DEMO_SLUG, config) : emptyHint(config));
  const list = addresses(app.address, { hasHostPage: demo && hasDemo });
  await print(`rollcall listening on ${app.address}\n\n${list}\n\n${hint}`);
  await stopSignal();
}

/**
 * Makes the demo where there is no organization; null where there is one. The server listens already, since pictures are
 * stored with their address, which is known only then. Where PUBLIC_URL (or a port that was any free one) is another at
 * a later start, those of the demo stay as they were.
 */
async function welcomeToDemo({ database, address }: App, config: Config): Promise<string | null> {
  const demo = await makeDemo({ database, now: Date.now }, config.publicUrl ?? address);
  return demo && demoWelcome(demo, address, Date.now());
}
