import { type Kysely, sql } from 'kysely';
import { clustered } from '../dialect.ts';

/** What sync runs need: the runs, the rows of their rosters, what becomes of whom, and how users stand to rosters. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await users(db);
  await organizations(db);
  await runs(db);
  await rows(db);
  await items(db);
}

/**
 * Users with a remote id came by a batch upsert: nothing else gave one until now. Nobody's `updated_at` moves, and
 * `lapsed_at` holds only while it is the same as that: whatever is done to the user afterwards ends it.
 */
async function users(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('users')
    .addColumn('synced', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('users').addColumn('lapsed_at', 'bigint').execute();
  await db.schema.alterTable('users').addColumn('sticky_fields', 'text').execute();
  await sql`update users set synced = 1 where remote_id is not null`.execute(db);
}

async function organizations(db: Kysely<unknown>): Promise<void> {
  for (const column of ['sync_threshold_percent', 'sync_threshold_people']) {
    await db.schema
      .alterTable('organizations')
      .addColumn(column, 'integer', (c) => c.notNull().defaultTo(10))
      .execute();
  }
}

async function runs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_runs')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .addColumn('deactivate_missing', 'integer', (c) => c.notNull())
    .addColumn('batch_count', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('row_count', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('content', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('touched_at', 'bigint', (c) => c.notNull())
    .addColumn('committed_at', 'bigint')
    .addColumn('undone_at', 'bigint')
    .addColumn('plan_latest', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('plan_number', 'integer')
    .addColumn('plan', 'text')
    .addColumn('first_created', 'integer')
    .addColumn('undo', 'text')
    .addColumn('purged', 'integer', (c) => c.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('sync_runs_pk', ['organization_id', 'id'])
    .execute();
  await db.schema
    .createIndex('sync_runs_open')
    .unique()
    .on('sync_runs')
    .column('organization_id')
    .where(sql.ref('state'), '=', sql.lit('open'))
    .execute();
  await db.schema
    .createIndex('sync_runs_created_at_id')
    .on('sync_runs')
    .columns(['organization_id', 'created_at', 'id'])
    .execute();
}

async function rows(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_rows')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('batch', 'integer', (c) => c.notNull())
    .addColumn('place', 'integer', (c) => c.notNull())
    .addColumn('remote_id', 'text')
    .addColumn('email', 'text')
    .addColumn('sent', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sync_rows_pk', ['organization_id', 'run_id', 'batch', 'place'])
    .modifyEnd(clustered(db))
    .execute();
  for (const key of ['remote_id', 'email']) {
    await db.schema
      .createIndex(`sync_rows_${key}`)
      .on('sync_rows')
      .columns(['organization_id', 'run_id', key])
      .execute();
  }
}

async function items(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_items')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('plan_number', 'integer', (c) => c.notNull())
    .addColumn('kind', 'integer', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('batch', 'integer')
    .addColumn('place', 'integer')
    .addColumn('row_label', 'integer')
    .addColumn('position', 'integer')
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .addColumn('rekeyed', 'integer', (c) => c.notNull())
    .addColumn('kept', 'text')
    .addColumn('sent', 'text')
    .addColumn('error', 'text')
    .addColumn('left_alone', 'text')
    .addPrimaryKeyConstraint('sync_items_pk', ['organization_id', 'run_id', 'plan_number', 'kind', 'number'])
    .modifyEnd(clustered(db))
    .execute();
  await db.schema
    .createIndex('sync_items_left_alone')
    .on('sync_items')
    .columns(['organization_id', 'run_id', 'plan_number', 'kind', 'number'])
    .where(sql.ref('left_alone'), 'is not', null)
    .execute();
}
