import { listMigrations } from '../store/migration-journal.ts';
import { prepareDatabase } from '../store/open-database.ts';
import { withDatabase } from './data.ts';
import { dataPlace } from './failure.ts';
import { print } from './output.ts';

/** `rollcall migrate`: brings the database up to date and says what that took. */
export async function migrate({ json }: { readonly json?: true }): Promise<void> {
  await withDatabase(async ({ config, database }) => {
    const before = new Set(await listMigrations(database.reader));
    await prepareDatabase(database);
    const applied = (await listMigrations(database.reader)).filter((name) => !before.has(name));
    await print(json ? JSON.stringify({ applied }) : summary(applied, dataPlace(config)));
  });
}

function summary(applied: readonly string[], place: string): string {
  if (applied.length === 0) return `The data in ${place} is up to date; there was nothing to do.`;
  return [`The data in ${place} is now up to date. Applied:`, ...applied.map((name) => `  ${name}`)].join('\n');
}
