import type { SyncItem, SyncRun } from '@rollcall/client';
import { type ClientOptions, type Context, withContext } from '../context.ts';
import { CommandError, usageError } from '../exit.ts';
import { table } from '../table.ts';
import { visible } from '../ui.ts';
import { countsTable, describeItem } from './sync-plan.ts';

export async function listRuns(options: ClientOptions & { readonly limit: number }): Promise<void> {
  await withContext(options, async ({ rollcall, ui, signal }) => {
    const runs: SyncRun[] = [];
    for await (const run of rollcall.syncRuns.list({}, { signal })) if (runs.push(run) === options.limit) break;
    if (ui.json) return await ui.printJson(runs);
    if (runs.length === 0) return ui.note('There are no sync runs.');
    const rows = runs.map(({ id, state, createdAt, rows: count, label }) => [
      id,
      state,
      createdAt,
      String(count),
      visible(label ?? ''),
    ]);
    await ui.print(table([['RUN', 'STATE', 'OPENED', 'ROWS', 'LABEL'], ...rows]));
  });
}

interface ShowOptions extends ClientOptions {
  readonly kind?: SyncItem['kind'];
  readonly limit: number;
}

/** `rollcall sync show [RUN]`: the run, its figures, and what happened or would happen to whom. */
export async function showRun(runId: string | undefined, options: ShowOptions): Promise<void> {
  await withContext(options, async (context) => {
    const { rollcall, ui, signal } = context;
    const run =
      runId === undefined ? await latest(context, () => true) : await rollcall.syncRuns.get(runId, { signal });
    const hasPlan = run.state === 'open' || run.state === 'committed' || run.state === 'undone';
    const items: SyncItem[] = [];
    const counts =
      run.result ?? (run.state === 'open' ? (await rollcall.syncRuns.plan(run.id, { signal })).counts : null);
    if (hasPlan) {
      const query = { ...(options.kind && { kind: options.kind }), limit: Math.min(options.limit, 200) };
      for await (const item of rollcall.syncRuns.planItems(run.id, query, { signal }))
        if (items.push(item) === options.limit) break;
    }
    if (ui.json) return await ui.printJson({ run, counts, items });
    const facts = Object.entries({
      run: run.id,
      state: run.state,
      label: run.label,
      opened: run.createdAt,
      committed: run.committedAt,
      undone: run.undoneAt,
    });
    await ui.print(
      table(facts.filter(([, value]) => value !== null).map(([name, value]) => [name, visible(String(value))])),
    );
    if (counts) await ui.print(`\n${countsTable(counts)}`);
    for (const item of items) await ui.print(`${item.kind.padEnd(10)}  ${describeItem(item)}`);
  });
}

/** `rollcall sync undo [RUN]`: takes the run back, or the latest that was committed. */
export async function undoRun(
  runId: string | undefined,
  options: ClientOptions & { readonly yes?: true },
): Promise<void> {
  await withContext(options, async (context) => {
    const { rollcall, ui, signal } = context;
    if (!options.yes && !ui.isInteractive)
      throw usageError('nobody can be asked here: write --yes to undo without asking');
    const run =
      runId === undefined
        ? await latest(context, ({ state }) => state === 'committed')
        : await rollcall.syncRuns.get(runId, { signal });
    if (!options.yes) {
      ui.warn(
        `Sync run ${run.id} of ${run.committedAt ?? run.createdAt}:\n${run.result ? countsTable(run.result) : run.state}`,
      );
      const answer = await ui.ask('Take it back? [y/N] ', 'write --yes', signal);
      if (!['y', 'yes'].includes(answer.toLowerCase())) throw new CommandError('not undone: nothing was changed');
    }
    const undone = await rollcall.syncRuns.undo(run.id, { signal });
    if (ui.json) return await ui.printJson(undone);
    const { deactivated = 0, restored = 0, reactivated = 0, leftAlone = 0 } = undone.undo ?? {};
    await ui.print(
      `Undone: ${deactivated} deactivated, ${restored} restored, ${reactivated} active again, ${leftAlone} left as somebody changed them since.`,
    );
  });
}

export async function cancelRun(runId: string | undefined, options: ClientOptions): Promise<void> {
  await withContext(options, async (context) => {
    const { rollcall, ui, signal } = context;
    const id = runId ?? (await latest(context, ({ state }) => state === 'open')).id;
    const run = await rollcall.syncRuns.cancel(id, { signal });
    await (ui.json ? ui.printJson(run) : ui.print(`Sync run ${run.id} is ${run.state}.`));
  });
}

async function latest({ rollcall, signal }: Context, isWanted: (run: SyncRun) => boolean): Promise<SyncRun> {
  for await (const run of rollcall.syncRuns.list({}, { signal })) if (isWanted(run)) return run;
  throw new CommandError('there is no such sync run. See: rollcall sync list');
}
