import { Rollcall } from '@rollcall/client';
import { type Environment, readEnvironment } from './environment.ts';
import { CommandError, exitCodes } from './exit.ts';
import { explain } from './explain.ts';
import { readProfiles } from './profiles.ts';
import { chooseTarget, type Target, type TargetOptions } from './target.ts';
import { createUi, type OutputOptions, type Ui } from './ui.ts';

export interface ClientOptions extends TargetOptions, OutputOptions {
  readonly retries?: number;
}

/** What a command works with. */
export interface Context {
  readonly ui: Ui;
  readonly environment: Environment;
  readonly target: Target;
  readonly rollcall: Rollcall;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Runs a command that talks to a server; an interrupt ends its work, and lets it clean up. */
export async function withContext(options: ClientOptions, work: (context: Context) => Promise<void>): Promise<void> {
  const environment = readEnvironment();
  const target = chooseTarget(options, environment, await readProfiles(environment));
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new CommandError('interrupted', exitCodes.interrupted));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const { retries } = options;
    const { url, key } = target;
    const rollcall = new Rollcall({ url, key, userAgent: 'rollcall-cli', ...(retries !== undefined && { retries }) });
    await work({ ui: createUi(options), environment, target, rollcall, signal: interrupt.signal });
  } catch (error) {
    throw interrupt.signal.aborted ? interrupt.signal.reason : explain(error, target.url);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
