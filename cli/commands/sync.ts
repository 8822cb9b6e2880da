import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { ApiError, PlanChangedError, type SyncPlan, type SyncRow, type SyncRun } from '@rollcall/client';
import { type Context, withContext } from '../context.ts';
import { FailedRows } from '../csv/failed-rows.ts';
import { describeMapping } from '../csv/header.ts';
import { openRoster, type Roster } from '../csv/roster.ts';
import type { RosterRow } from '../csv/row.ts';
import { openSource, type RosterSource } from '../csv/source.ts';
import { UnclosedQuoteError } from '../csv/split.ts';
import { CommandError, exitCodes, usageError } from '../exit.ts';
import { counted, visible } from '../ui.ts';
import { type DeactivationLimit, describeLimit, isOver } from './deactivation-limit.ts';
import { type Failure, FaultReport } from './fault-report.ts';
import { failedPath } from './import.ts';
import { type RosterCommandOptions, rosterOptions } from './roster-options.ts';
import { RowReasons } from './row-reasons.ts';
import { printPlan, reasonsOf } from './sync-plan.ts';

export interface SyncOptions extends RosterCommandOptions {
  readonly yes?: true;
  readonly maxDeactivations?: DeactivationLimit;
  /** Nobody is deactivated for being missing. */
  readonly keepMissing?: true;
  readonly skipUnreadable?: true;
  readonly cancelOpen?: true;
}

/** Where somebody else is at work all the time, a person has to look. */
const ATTEMPTS_MAX = 3;

interface Reading {
  readonly source: RosterSource;
  readonly roster: Roster;
  readonly report: FaultReport;
}

/** What the roster brought, beside the rows that are fine. */
interface Uploaded {
  readonly reasons: RowReasons;
  /** Rows of which not even the person is known: whom they name would be taken as missing. */
  readonly unnamed: number;
}

/** `rollcall users sync FILE`. */
export async function syncUsers(path: string, options: SyncOptions): Promise<void> {
  await withContext(options, async (context) => {
    const { ui } = context;
    if (!options.yes && !options.dryRun && (!ui.isInteractive || path === '-')) {
      throw usageError(
        'nobody can be asked here: write --yes to commit without asking, with --max-deactivations to limit it, or --dry-run to see the plan only',
      );
    }
    await using source = await openSource(path, true);
    const digest = await digestOf(source);
    const roster = await openRoster(hashed(source, digest), rosterOptions(options));
    ui.note(describeMapping(roster.mapping));
    const run = await openRun(context, source, digest, options);
    const report = new FaultReport(ui, roster.mapping);
    const uploaded = await upload(context, run, { source, roster, report }).catch((error) =>
      giveUp(context, run, error),
    );
    const outcome = await decide(context, run, uploaded, options);
    const file = await writeFailed(source, failedPath(path, options), uploaded.reasons, options);
    await tell(context, outcome, { file, failures: report.failures, dryRun: options.dryRun === true });
    if (outcome.stopped) throw outcome.stopped;
    complain(uploaded.reasons.count, file, options.dryRun === true);
  });
}

/** Knows the file again after a crash. */
async function digestOf(source: RosterSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of source.read()) hash.update(bytes);
  return hash.digest('hex');
}

/** The bytes once more; throws at their end where they are others than those that named the run. */
async function* hashed(source: RosterSource, digest: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const bytes of source.read()) {
    hash.update(bytes);
    yield bytes;
  }
  if (hash.digest('hex') !== digest)
    throw new CommandError(`${source.name} was changed while it was read. Run the command again once it is complete`);
}

/** Opens a run for exactly this roster, or goes on with the one that an interrupted command left. */
async function openRun(context: Context, source: RosterSource, digest: string, options: SyncOptions): Promise<SyncRun> {
  const { rollcall, ui, signal } = context;
  const deactivateMissing = options.keepMissing !== true;
  const meaning = createHash('sha256')
    .update(JSON.stringify([digest, rosterOptions(options), deactivateMissing]))
    .digest('hex');
  const label = `${basename(source.name).slice(0, 80)} ${meaning}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await rollcall.syncRuns.create({ label, deactivateMissing }, { signal });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'sync_run_open') throw error;
      const open = error.metadata as { runId?: string; label?: string | null; updatedAt?: string };
      const runId = String(open.runId);
      if (open.label === label) {
        ui.note(`Going on with sync run ${runId}, which was interrupted.`);
        return await rollcall.syncRuns.get(runId, { signal });
      }
      if (!options.cancelOpen || attempt === ATTEMPTS_MAX) {
        throw new CommandError(
          `another sync run is open: ${runId} (${visible(open.label ?? 'without a label')}, last changed ${open.updatedAt}). Wait for it, or give it up: rollcall sync cancel ${runId}, or --cancel-open`,
          exitCodes.failed,
          { cause: error },
        );
      }
      ui.note(`Cancelling sync run ${runId}, which was open.`);
      await rollcall.syncRuns.cancel(runId, { signal });
    }
  }
}

/** A file that is wrong as a whole will not be sent again: its run must not stand in the way of the next one. */
async function giveUp({ rollcall, signal }: Context, run: SyncRun, error: unknown): Promise<never> {
  const isWrong = error instanceof CommandError || error instanceof UnclosedQuoteError;
  if (isWrong && !signal.aborted) await rollcall.syncRuns.cancel(run.id, { signal });
  throw error;
}

/** Refused by the server on purpose: so the plan counts the row, and does not take its person as missing. */
const UNREADABLE = 'a row that could not be read\u0001';

async function upload(
  { rollcall, ui, signal }: Context,
  run: SyncRun,
  { source, roster, report }: Reading,
): Promise<Uploaded> {
  using progress = ui.progress('Uploading');
  const reasons = new RowReasons(report);
  let unnamed = 0;
  async function* users(): AsyncGenerator<SyncRow> {
    for await (const rows of roster.rows()) {
      for (const row of rows) {
        const user = row.user ?? nameOnly(row);
        if (row.fault) reasons.add(row.line, row.fault);
        if (user) yield { ...user, row: row.line };
        else unnamed += 1;
      }
    }
  }
  await rollcall.syncRuns.addUsers(run.id, users(), {
    signal,
    onProgress: ({ done }) =>
      progress.show(counted(done, 'row'), source.size === null ? null : source.position / source.size),
  });
  return { reasons, unnamed };
}

function nameOnly({ names }: RosterRow): SyncRow | null {
  return names && { ...names, firstName: UNREADABLE };
}

interface Outcome {
  readonly run: SyncRun;
  readonly plan: SyncPlan;
  /** Why the run was given up; null where it was committed, or only looked at. */
  readonly stopped: CommandError | null;
}

/** Shows the plan, has it confirmed and commits it; begins again where users change meanwhile. */
async function decide(context: Context, run: SyncRun, uploaded: Uploaded, options: SyncOptions): Promise<Outcome> {
  const { rollcall, ui, signal } = context;
  for (let attempt = 1; ; attempt += 1) {
    const plan = await rollcall.syncRuns.plan(run.id, { signal });
    try {
      for await (const { line, error } of reasonsOf(context, run.id)) uploaded.reasons.addRefusal(line, error);
      if (!ui.json) await printPlan(context, plan);
      const stopped =
        stopReason(plan, uploaded, options) ?? (options.dryRun ? null : await askFor(context, plan, options));
      if (stopped !== null || options.dryRun) {
        return { run: await rollcall.syncRuns.cancel(run.id, { signal }), plan, stopped };
      }
      const { digest, threshold } = plan;
      const confirmed = threshold.exceeded ? { confirmDeactivations: digest } : {};
      return { run: await rollcall.syncRuns.commit(run.id, { digest, ...confirmed }, { signal }), plan, stopped: null };
    } catch (error) {
      const isChanged =
        error instanceof PlanChangedError || (error instanceof ApiError && error.code === 'plan_changed');
      if (!isChanged || attempt === ATTEMPTS_MAX) throw error;
      ui.note('Users were changed meanwhile: the plan is made anew.');
    }
  }
}

/** Why this plan must not be committed, whatever anybody answers. */
function stopReason({ counts, threshold }: SyncPlan, { unnamed }: Uploaded, options: SyncOptions): CommandError | null {
  if (unnamed > 0 && counts.deactivate > 0 && !options.skipUnreadable) {
    return new CommandError(
      `${counted(unnamed, 'row')} cannot be read, so that it is not known whom ${unnamed === 1 ? 'it names' : 'they name'}, and people would be deactivated for being missing. Mend the file, or write --skip-unreadable. Nothing was changed`,
      exitCodes.someRowsFailed,
    );
  }
  const { maxDeactivations: limit, yes } = options;
  const { deactivations, active, emptyRoster, exceeded } = threshold;
  const people = `${deactivations.toLocaleString('en')} of ${counted(active, 'active user')} would be deactivated`;
  if (emptyRoster && deactivations > 0 && (yes || options.dryRun)) {
    return new CommandError(`the roster has nobody in it: ${people}. Nothing was changed`, exitCodes.threshold);
  }
  if (limit && isOver(limit, threshold)) {
    return new CommandError(
      `${people}, more than ${describeLimit(limit)}. Look whether the roster is whole. Nothing was changed`,
      exitCodes.threshold,
    );
  }
  if (exceeded && !limit && (yes || options.dryRun)) {
    return new CommandError(
      `${people}, more than ${threshold.percent} % and ${counted(threshold.people, 'person', 'people')}. Look whether the roster is whole; if it is, allow it with --max-deactivations. Nothing was changed`,
      exitCodes.threshold,
    );
  }
  return null;
}

/** Asks at the terminal; null where the plan is to be committed. */
async function askFor(
  { ui, signal }: Context,
  { counts, threshold }: SyncPlan,
  options: SyncOptions,
): Promise<CommandError | null> {
  const changes = counts.create + counts.update + counts.deactivate + counts.reactivate;
  if (options.yes || changes === 0) return null;
  const instead = 'write --yes to commit without asking';
  const isCareful = threshold.exceeded && !options.maxDeactivations;
  const question = isCareful
    ? `Unusually many people would be deactivated. Type their number (${threshold.deactivations}) to go on: `
    : `Commit this as one change? [y/N] `;
  const answer = (await ui.ask(question, instead, signal)).toLowerCase();
  const isMeant = isCareful ? answer === String(threshold.deactivations) : ['y', 'yes'].includes(answer);
  return isMeant ? null : new CommandError('not committed: nothing was changed');
}

/** The rows that failed, from a second reading of the file: holding them all would need memory without bound. */
async function writeFailed(
  source: RosterSource,
  path: string | null,
  reasons: RowReasons,
  options: SyncOptions,
): Promise<string | null> {
  if (path === null || reasons.count === 0) return null;
  const roster = await openRoster(source.read(), rosterOptions(options));
  await using failed = new FailedRows(path, roster);
  for await (const rows of roster.rows()) {
    for (const { line, cells } of rows) {
      const reason = reasons.of(line);
      if (reason !== undefined) failed.add(cells, reason);
    }
    await failed.flush();
  }
  return await failed.commit();
}

interface Told {
  readonly file: string | null;
  readonly failures: readonly Failure[];
  readonly dryRun: boolean;
}

async function tell({ ui }: Context, { run, plan }: Outcome, { file, failures, dryRun }: Told): Promise<void> {
  const committed = run.state === 'committed';
  if (ui.json) {
    const counts = run.result ?? plan.counts;
    const { threshold } = plan;
    await ui.printJson({ runId: run.id, committed, dryRun, counts, threshold, failedRowsFile: file, failures });
  } else if (committed) {
    await ui.print(`\nCommitted as sync run ${run.id}. To take it back: rollcall sync undo ${run.id}`);
  } else await ui.print('\nNothing was changed.');
}

function complain(failed: number, file: string | null, dryRun: boolean): void {
  if (failed === 0) return;
  const hint = file === null ? '' : `; ${file} has them: correct them in the roster`;
  throw new CommandError(
    `${counted(failed, 'row')} ${dryRun ? 'would be' : failed === 1 ? 'was' : 'were'} left out${hint}`,
    exitCodes.someRowsFailed,
  );
}
