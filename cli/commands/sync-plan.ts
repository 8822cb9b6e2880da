import type { SyncChange, SyncCounts, SyncItem, SyncKept, SyncPlan } from '@rollcall/client';
import type { Context } from '../context.ts';
import { table } from '../table.ts';
import { visible } from '../ui.ts';

/** Of each kind so many are shown; deactivations are what people look for most. */
const SHOWN: Readonly<Partial<Record<SyncItem['kind'], number>>> = {
  create: 5,
  update: 10,
  deactivate: 50,
  reactivate: 10,
  kept: 5,
};

const meanings: Readonly<Record<keyof SyncCounts, string>> = {
  create: 'new',
  update: 'changed',
  deactivate: 'to be deactivated',
  reactivate: 'active again',
  unchanged: 'unchanged',
  kept: 'kept as edited by hand',
  conflict: 'in conflict, left out',
  refused: 'refused, left out',
};

export function countsTable(counts: SyncCounts): string {
  const kinds = Object.keys(meanings) as (keyof SyncCounts)[];
  const width = Math.max(...kinds.map((kind) => counts[kind].toLocaleString('en').length));
  return table(kinds.map((kind) => [counts[kind].toLocaleString('en').padStart(width), meanings[kind]]));
}

/** The plan for people: figures, the first differences, deactivations by name. */
export async function printPlan(context: Context, plan: SyncPlan): Promise<void> {
  const { ui } = context;
  await ui.print(countsTable(plan.counts));
  for (const [kind, most] of Object.entries(SHOWN)) {
    const count = plan.counts[kind as SyncItem['kind']];
    if (count > 0) await printItems(context, plan.runId, kind as SyncItem['kind'], count, most);
  }
}

async function printItems(context: Context, runId: string, kind: SyncItem['kind'], count: number, most: number) {
  const lines: string[] = [];
  const query = { kind, limit: Math.min(most, 200) };
  for await (const item of context.rollcall.syncRuns.planItems(runId, query, { signal: context.signal })) {
    if (lines.length === most) break;
    lines.push(`  ${describeItem(item)}`);
  }
  if (count > lines.length) lines.push(`  … and ${(count - lines.length).toLocaleString('en')} more`);
  await context.ui.print(`\n${heading(kind)}:\n${lines.join('\n')}`);
}

function heading(kind: SyncItem['kind']): string {
  return meanings[kind].replace(/^./, (first) => first.toUpperCase());
}

/** One person of a plan, in a line. */
export function describeItem({ kind, row, user, sent, changes, kept, error }: SyncItem): string {
  const line = row === undefined ? '' : ` (line ${row})`;
  if (error !== undefined) return visible(`${nameOf(user ?? sent)}${line}: ${error}`);
  if (kind === 'create') return visible(`${nameOf(created(changes))}${line}`);
  const differences = [...changes.map(describeChange), ...kept.map(describeKept)];
  const isPlain = kind === 'deactivate' && changes.length <= 1 && kept.length === 0;
  return visible(`${nameOf(user)}${isPlain ? '' : `${line}: ${differences.join(', ')}`}`);
}

interface Named {
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string | null;
  readonly remoteId?: string | null;
}

function nameOf(user: Named | undefined): string {
  const name = [user?.firstName, user?.lastName].filter(Boolean).join(' ');
  const keys = [user?.remoteId, user?.email].filter(Boolean).join(', ');
  return [name, keys && `[${keys}]`].filter(Boolean).join(' ') || '(without a name)';
}

function created(changes: readonly SyncChange[]): Named {
  return Object.fromEntries(changes.map(({ field, to }) => [field, to]));
}

function describeChange({ field, from, to }: SyncChange): string {
  return `${field} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`;
}

function describeKept({ field, kept, offered }: SyncKept): string {
  return `${field} stays ${JSON.stringify(kept)}, edited by hand (roster: ${JSON.stringify(offered)})`;
}

/** The rows that the server leaves out, by their line, with the reason. */
export async function* reasonsOf(
  { rollcall, signal }: Context,
  runId: string,
): AsyncGenerator<{ line: number; error: string }> {
  for (const kind of ['refused', 'conflict'] as const) {
    for await (const { row, error } of rollcall.syncRuns.planItems(runId, { kind, limit: 200 }, { signal })) {
      if (row !== undefined) yield { line: row, error: error ?? kind };
    }
  }
}
