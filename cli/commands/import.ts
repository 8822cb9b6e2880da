import type { UserTemplate } from '@rollcall/client';
import { type Context, withContext } from '../context.ts';
import { FailedRows, failedRowsPath } from '../csv/failed-rows.ts';
import { describeMapping } from '../csv/header.ts';
import { openRoster, type Roster } from '../csv/roster.ts';
import type { RosterRow } from '../csv/row.ts';
import { openSource, type RosterSource } from '../csv/source.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { counted } from '../ui.ts';
import { type Failure, FaultReport } from './fault-report.ts';
import { type RosterCommandOptions, rosterOptions } from './roster-options.ts';

/** `rollcall users import FILE`. */
export async function importUsers(path: string, options: RosterCommandOptions): Promise<void> {
  await withContext(options, async (context) => {
    await using source = await openSource(path, false);
    const roster = await openRoster(source.read(), rosterOptions(options));
    context.ui.note(describeMapping(roster.mapping));
    await using failed = new FailedRows(failedPath(path, options), roster);
    const report = new FaultReport(context.ui, roster.mapping);
    const dryRun = options.dryRun === true;
    const { succeeded } = await upload(context, { source, roster, failed, report, dryRun });
    const file = await failed.commit();
    await conclude(context, { dryRun, succeeded, failed: failed.count, file, failures: report.failures });
  });
}

export function failedPath(path: string, { failed, dryRun }: RosterCommandOptions): string | null {
  if (failed === false) return null;
  return failed ?? (dryRun ? null : failedRowsPath(path));
}

interface Import {
  readonly source: RosterSource;
  readonly roster: Roster;
  readonly failed: FailedRows;
  readonly report: FaultReport;
  readonly dryRun: boolean;
}

/** Sends the rows as they are read; those under way are all that is held of the file. */
async function upload({ rollcall, ui, signal }: Context, { source, roster, failed, report, dryRun }: Import) {
  using progress = ui.progress(dryRun ? 'Trying' : 'Importing');
  const sent = new WeakMap<UserTemplate, RosterRow>();
  async function* users() {
    for await (const rows of roster.rows()) {
      for (const row of rows) {
        if (row.fault) {
          failed.add(row.cells, row.fault.reason);
          report.add(row.line, row.fault);
        }
        if (!row.user) continue;
        sent.set(row.user, row);
        yield row.user;
      }
      await failed.flush();
    }
  }
  return await rollcall.users.upsert(users(), {
    signal,
    dryRun,
    onFailure({ item, error }) {
      const row = sent.get(item);
      if (!row) return;
      failed.add(row.cells, error);
      report.addRefusal(row.line, error);
    },
    onProgress: ({ done }) =>
      progress.show(counted(done, 'row'), source.size === null ? null : source.position / source.size),
  });
}

interface Outcome {
  readonly dryRun: boolean;
  readonly succeeded: number;
  readonly failed: number;
  readonly file: string | null;
  readonly failures: readonly Failure[];
}

async function conclude({ ui }: Context, outcome: Outcome): Promise<void> {
  const { dryRun, succeeded, failed, file, failures } = outcome;
  if (ui.json) await ui.printJson({ dryRun, succeeded, failed, failedRowsFile: file, failures });
  else
    await ui.print(
      `${counted(succeeded, 'row')} ${dryRun ? 'would be imported' : 'imported'}, ${failed.toLocaleString('en')} failed.`,
    );
  if (failed === 0) return;
  const hint = file === null ? '' : `; correct them in ${file} and import that file`;
  throw new CommandError(`${counted(failed, 'row')} failed${hint}`, exitCodes.someRowsFailed);
}
