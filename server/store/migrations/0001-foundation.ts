import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import { clustered, numbered } from '../dialect.ts';

/**
 * Times are bigint epoch milliseconds. Tables read in ranges are clustered by their primary key (`without rowid`), so
 * that a page of users or a stretch of completions lies together on disk.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await organizations(db);
  await users(db);
  await learning(db);
  await attendance(db);
  await journal(db);
}

async function organizations(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('organizations')
    .addColumn('id', 'integer', (c) => c.primaryKey().modifyEnd(numbered(db)))
    .addColumn('slug', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('trusted_domains_enabled', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('trusted_domains', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('embed_origins', 'text', (c) => c.notNull().defaultTo('[]'))
    .addColumn('accent_color', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull()) as CreateTableBuilder<string, string>;
  const counters = ['users_total', 'users_active', 'users_version', 'clusters_version', 'completions_version'];
  for (const counter of [...counters, 'events_last', 'completions_change_last']) {
    table = table.addColumn(counter, 'bigint', (c) => c.notNull().defaultTo(0));
  }
  await table.execute();

  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull().unique())
    .addColumn('last_four', 'text', (c) => c.notNull())
    .addColumn('scopes', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .modifyEnd(clustered(db))
    .execute();
}

function tenantTable<Name extends string>(
  db: Kysely<unknown>,
  name: Name,
): CreateTableBuilder<Name, 'organization_id'> {
  return db.schema
    .createTable(name)
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'));
}

async function users(db: Kysely<unknown>): Promise<void> {
  await tenantTable(db, 'users')
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('first_name', 'text', (c) => c.notNull())
    .addColumn('last_name', 'text', (c) => c.notNull())
    .addColumn('email', 'text')
    .addColumn('active', 'integer', (c) => c.notNull())
    .addColumn('remote_id', 'text')
    .addColumn('document', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('users_pk', ['organization_id', 'position'])
    .modifyEnd(clustered(db))
    .execute();
  await uniqueIndex(db, 'users', ['id']);
  await uniqueIndex(db, 'users', ['remote_id']);
  await uniqueIndex(db, 'users', ['email']);
  await index(db, 'users', ['active', 'position']);
  await index(db, 'users', ['updated_at', 'position']);
}

async function learning(db: Kysely<unknown>): Promise<void> {
  await tenantTable(db, 'modules')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('category', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('thumbnail_url', 'text')
    .addColumn('duration_minutes', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('archived_at', 'bigint')
    .addPrimaryKeyConstraint('modules_pk', ['organization_id', 'id'])
    .execute();
  await tenantTable(db, 'steps')
    .addColumn('module_id', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('prompt', 'text', (c) => c.notNull())
    .addColumn('minutes', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('steps_pk', ['organization_id', 'module_id', 'position'])
    .addForeignKeyConstraint('steps_module', ['organization_id', 'module_id'], 'modules', ['organization_id', 'id'])
    .execute();
  await tenantTable(db, 'clusters')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('module_id', 'text', (c) => c.notNull())
    .addColumn('self_registration', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('archived_at', 'bigint')
    .addPrimaryKeyConstraint('clusters_pk', ['organization_id', 'id'])
    .addForeignKeyConstraint('clusters_module', ['organization_id', 'module_id'], 'modules', ['organization_id', 'id'])
    .execute();
  await index(db, 'clusters', ['created_at', 'id']);
  await tenantTable(db, 'sessions')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('cluster_id', 'text', (c) => c.notNull())
    .addColumn('scheduled_start_at', 'bigint', (c) => c.notNull())
    .addColumn('scheduled_end_at', 'bigint', (c) => c.notNull())
    .addColumn('capacity', 'integer', (c) => c.notNull())
    .addColumn('meeting_link', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('current_step', 'integer')
    .addColumn('ended_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('sessions_pk', ['organization_id', 'id'])
    .addForeignKeyConstraint('sessions_cluster', ['organization_id', 'cluster_id'], 'clusters', [
      'organization_id',
      'id',
    ])
    .execute();
  await index(db, 'sessions', ['cluster_id', 'scheduled_start_at']);
  await index(db, 'sessions', ['state', 'scheduled_end_at']);
}

async function attendance(db: Kysely<unknown>): Promise<void> {
  await tenantTable(db, 'registrations')
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('join_token', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('cancelled_at', 'bigint')
    .addPrimaryKeyConstraint('registrations_pk', ['organization_id', 'id'])
    .addForeignKeyConstraint('registrations_session', ['organization_id', 'session_id'], 'sessions', [
      'organization_id',
      'id',
    ])
    .addForeignKeyConstraint('registrations_user', ['organization_id', 'user_id'], 'users', ['organization_id', 'id'])
    .execute();
  await uniqueIndex(db, 'registrations', ['join_token']);
  await index(db, 'registrations', ['user_id']);
  await db.schema
    .createIndex('registrations_live')
    .unique()
    .on('registrations')
    .columns(['organization_id', 'session_id', 'user_id'])
    .where(sql.ref('cancelled_at'), 'is', null)
    .execute();
  await tenantTable(db, 'visits')
    .addColumn('registration_id', 'text', (c) => c.notNull())
    .addColumn('tab', 'text', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addColumn('closed', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('visits_pk', ['organization_id', 'registration_id', 'tab', 'first_at'])
    .addForeignKeyConstraint('visits_registration', ['organization_id', 'registration_id'], 'registrations', [
      'organization_id',
      'id',
    ])
    .modifyEnd(clustered(db))
    .execute();
  await tenantTable(db, 'shown_steps')
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('step', 'integer', (c) => c.notNull())
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint')
    .addPrimaryKeyConstraint('shown_steps_pk', ['organization_id', 'session_id', 'number'])
    .addForeignKeyConstraint('shown_steps_session', ['organization_id', 'session_id'], 'sessions', [
      'organization_id',
      'id',
    ])
    .modifyEnd(clustered(db))
    .execute();
  await tenantTable(db, 'completions')
    .addColumn('sort_key', 'text', (c) => c.notNull())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('registration_id', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text', (c) => c.notNull())
    .addColumn('cluster_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('remote_user_id', 'text')
    .addColumn('change', 'bigint', (c) => c.notNull())
    .addColumn('document', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('completions_pk', ['organization_id', 'sort_key'])
    .modifyEnd(clustered(db))
    .execute();
  await uniqueIndex(db, 'completions', ['registration_id']);
  await uniqueIndex(db, 'completions', ['change']);
  await index(db, 'completions', ['cluster_id', 'sort_key']);
  await index(db, 'completions', ['remote_user_id', 'sort_key']);
}

async function journal(db: Kysely<unknown>): Promise<void> {
  await tenantTable(db, 'events')
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('events_pk', ['organization_id', 'number'])
    .execute();
  await tenantTable(db, 'idempotency_keys')
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addColumn('request_digest', 'text', (c) => c.notNull())
    .addColumn('response', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('idempotency_keys_pk', ['organization_id', 'key'])
    .execute();
  await index(db, 'idempotency_keys', ['created_at']);
}

async function index(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns(['organization_id', ...columns])
    .execute();
}

async function uniqueIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .unique()
    .on(table)
    .columns(['organization_id', ...columns])
    .execute();
}
