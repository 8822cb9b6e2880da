import { type Kysely, sql } from 'kysely';
import { clustered } from '../dialect.ts';

/** What the sign-up form, the room and the management API need besides the foundation. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await organizations(db);
  await sessions(db);
  await registrations(db);
  await mails(db);
  await lists(db);
}

/** The management API pages its lists by these. */
async function lists(db: Kysely<unknown>): Promise<void> {
  // Without the id it would not give the order of a cluster's sessions, and SQLite would walk those of all clusters.
  await db.schema.dropIndex('sessions_cluster_id_scheduled_start_at').execute();
  const indexes = [
    ['modules', ['created_at', 'id']],
    ['clusters', ['module_id']],
    ['sessions', ['scheduled_start_at', 'id']],
    ['sessions', ['cluster_id', 'scheduled_start_at', 'id']],
    ['registrations', ['session_id', 'created_at', 'id']],
  ] as const;
  for (const [table, columns] of indexes) {
    await db.schema
      .createIndex(`${table}_${columns.join('_')}`)
      .on(table)
      .columns(['organization_id', ...columns])
      .execute();
  }
}

/** A test organization's clock stands still where it is set, so that a simulator can play sessions in no time. */
async function organizations(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('organizations').addColumn('test_clock_at', 'bigint').execute();
  await db.schema
    .alterTable('organizations')
    .addColumn('is_test', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('clusters').addColumn('capacity', 'integer').execute();
}

/**
 * Which organizations have a session that begins or ends is asked every second: with the moment beside the organization
 * it is answered by one look at an index, however many organizations there are. Test organizations with a clock of their
 * own are left out: nobody but whoever sets that clock makes their time pass.
 */
async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('organizations').addColumn('sessions_due_at', 'bigint').execute();
  await sql`
    update organizations set sessions_due_at = (
      select min(s.scheduled_start_at) from sessions as s
      where s.organization_id = organizations.id and s.state in ('scheduled', 'open')
    )`.execute(db);
  await db.schema
    .createIndex('organizations_due')
    .on('organizations')
    .column('sessions_due_at')
    .where(sql<boolean>`sessions_due_at is not null and test_clock_at is null`)
    .execute();
  await db.schema
    .createIndex('sessions_state_scheduled_start_at')
    .on('sessions')
    .columns(['organization_id', 'state', 'scheduled_start_at'])
    .execute();
}

async function registrations(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('registrations').addColumn('consented_at', 'bigint').execute();
  await db.schema
    .createTable('feedback')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('registration_id', 'text', (c) => c.notNull())
    .addColumn('rating', 'integer', (c) => c.notNull())
    .addColumn('comment', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('feedback_pk', ['organization_id', 'registration_id'])
    .addForeignKeyConstraint('feedback_registration', ['organization_id', 'registration_id'], 'registrations', [
      'organization_id',
      'id',
    ])
    .modifyEnd(clustered(db))
    .execute();
}

/** Mail is written in the transaction of what it tells, and sent by a job: never lost, never sent for what was undone. */
async function mails(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('mails')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('message', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('next_attempt_at', 'bigint')
    .addColumn('sent_at', 'bigint')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('mails_pk', ['organization_id', 'id'])
    .execute();
  await db.schema
    .createIndex('mails_due')
    .on('mails')
    .columns(['organization_id', 'next_attempt_at'])
    .where(sql.ref('next_attempt_at'), 'is not', null)
    .execute();
  await db.schema.createIndex('mails_topic').on('mails').columns(['organization_id', 'topic', 'created_at']).execute();
}
