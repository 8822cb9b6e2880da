import { type Kysely, sql } from 'kysely';
import { clustered } from '../dialect.ts';

/** What identity providers say of people beyond what a user is, and the groups that they put them into. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await users(db);
  await groups(db);
  await members(db);
}

/** Only for those of whom SCIM says something that does not follow from the user: most have no row. */
async function users(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('scim_users')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('user_name', 'text')
    .addColumn('user_name_folded', 'text')
    .addColumn('deleted_at', 'bigint')
    .addPrimaryKeyConstraint('scim_users_pk', ['organization_id', 'position'])
    .addForeignKeyConstraint('scim_users_user', ['organization_id', 'position'], 'users', [
      'organization_id',
      'position',
    ])
    .modifyEnd(clustered(db))
    .execute();
  await db.schema
    .createIndex('scim_users_user_name_folded')
    .unique()
    .on('scim_users')
    .columns(['organization_id', 'user_name_folded'])
    .execute();
  await db.schema
    .createIndex('scim_users_deleted')
    .on('scim_users')
    .columns(['organization_id', 'position'])
    .where(sql.ref('deleted_at'), 'is not', null)
    .execute();
}

async function groups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('scim_groups')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('display_name', 'text', (c) => c.notNull())
    .addColumn('display_name_folded', 'text', (c) => c.notNull())
    .addColumn('external_id', 'text')
    .addColumn('members_total', 'integer', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('scim_groups_pk', ['organization_id', 'id'])
    .execute();
  for (const column of ['display_name_folded', 'external_id']) {
    await db.schema
      .createIndex(`scim_groups_${column}`)
      .unique()
      .on('scim_groups')
      .columns(['organization_id', column])
      .execute();
  }
  await db.schema
    .createIndex('scim_groups_created_at_id')
    .on('scim_groups')
    .columns(['organization_id', 'created_at', 'id'])
    .execute();
}

async function members(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('scim_members')
    .addColumn('organization_id', 'integer', (c) => c.notNull().references('organizations.id'))
    .addColumn('group_id', 'text', (c) => c.notNull())
    .addColumn('user_position', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('scim_members_pk', ['organization_id', 'group_id', 'user_position'])
    .addForeignKeyConstraint('scim_members_group', ['organization_id', 'group_id'], 'scim_groups', [
      'organization_id',
      'id',
    ])
    .addForeignKeyConstraint('scim_members_user', ['organization_id', 'user_position'], 'users', [
      'organization_id',
      'position',
    ])
    .modifyEnd(clustered(db))
    .execute();
  await db.schema
    .createIndex('scim_members_user_position')
    .on('scim_members')
    .columns(['organization_id', 'user_position', 'group_id'])
    .execute();
}
