import type { SyncRunState } from '@rollcall/contract/sync-run-shapes.ts';
import type { Generated } from 'kysely';

/**
 * Row types of every table. Conventions, the same on both engines: ids are text, times are epoch milliseconds
 * (integer), JSON is text, a boolean is 0 or 1. Every table but the two that find the organization has
 * `organization_id` first in its primary key, unique indexes and foreign keys.
 */
export interface Tables {
  organizations: OrganizationsTable;
  api_keys: ApiKeysTable;
  users: UsersTable;
  modules: ModulesTable;
  steps: StepsTable;
  clusters: ClustersTable;
  sessions: SessionsTable;
  registrations: RegistrationsTable;
  visits: VisitsTable;
  shown_steps: ShownStepsTable;
  completions: CompletionsTable;
  events: EventsTable;
  idempotency_keys: IdempotencyKeysTable;
  feedback: FeedbackTable;
  mails: MailsTable;
  sync_runs: SyncRunsTable;
  sync_rows: SyncRowsTable;
  sync_items: SyncItemsTable;
  scim_users: ScimUsersTable;
  scim_groups: ScimGroupsTable;
  scim_members: ScimMembersTable;
}

/** An organization's number. Branded, so that no other number passes for a tenant. */
export type OrganizationId = number & { readonly brand: 'OrganizationId' };

type Flag = 0 | 1;

export interface OrganizationsTable {
  id: Generated<OrganizationId>;
  slug: string;
  name: string;
  trusted_domains_enabled: Flag;
  /** JSON array of domains in IDNA ASCII form. */
  trusted_domains: string;
  /** JSON array of origins that may frame the sign-up form; empty means any. */
  embed_origins: string;
  accent_color: string | null;
  /** 1: made for tests; only such an organization may have a clock of its own. */
  is_test: Generated<Flag>;
  /** Where a test organization's clock stands; null: the server's clock. */
  test_clock_at: number | null;
  /** When the next session begins or ends, or before that; null: there is none to come. */
  sessions_due_at: number | null;
  /** Counted as users are written, so that no list counts them afresh. */
  users_total: number;
  users_active: number;
  /** Versions grow with each change and never repeat, also after a restore: they are what ETags are made of. */
  users_version: number;
  clusters_version: number;
  completions_version: number;
  /** Number of the latest event, and of the latest change to a completion. */
  events_last: number;
  completions_change_last: number;
  /** A sync run that deactivates both more percent and more people than this needs a confirmation. */
  sync_threshold_percent: Generated<number>;
  sync_threshold_people: Generated<number>;
  created_at: number;
}

export interface ApiKeysTable {
  id: string;
  organization_id: OrganizationId;
  name: string;
  /** SHA-256 of the whole key, hex. The key itself is never stored. */
  digest: string;
  /** The last four characters, to tell keys apart in a list. */
  last_four: string;
  /** JSON array of scopes. */
  scopes: string;
  created_at: number;
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
}

export interface UsersTable {
  organization_id: OrganizationId;
  /** 0, 1, 2 … in order of creation, without gaps: a page is a range of it. */
  position: number;
  id: string;
  first_name: string;
  last_name: string;
  email: string | null;
  active: Flag;
  remote_id: string | null;
  /** The user as the contract shows it (JSON), composed when written, so that a page is read without composing. */
  document: string;
  created_at: number;
  updated_at: number;
  /** 1: a batch upsert or a sync run brought the user in, at some time; only such a user can be missed by a roster. */
  synced: Generated<Flag>;
  /** When a sync run deactivated the user; holds only while it is the same as `updated_at`. */
  lapsed_at: number | null;
  /** JSON array of the fields that were edited by hand, which sync runs leave alone; null where there are none. */
  sticky_fields: string | null;
}

export interface ModulesTable {
  organization_id: OrganizationId;
  id: string;
  name: string;
  category: string;
  description: string;
  thumbnail_url: string | null;
  duration_minutes: number;
  created_at: number;
  updated_at: number;
  archived_at: number | null;
}

export interface StepsTable {
  organization_id: OrganizationId;
  module_id: string;
  /** 0, 1, 2 … */
  position: number;
  title: string;
  /** Markdown. */
  prompt: string;
  minutes: number;
}

export interface ClustersTable {
  organization_id: OrganizationId;
  id: string;
  module_id: string;
  self_registration: Flag;
  /** Seats of a session unless it is given others. */
  capacity: number | null;
  created_at: number;
  archived_at: number | null;
}

export type SessionState = 'scheduled' | 'open' | 'ended' | 'cancelled';

export interface SessionsTable {
  organization_id: OrganizationId;
  id: string;
  cluster_id: string;
  scheduled_start_at: number;
  scheduled_end_at: number;
  capacity: number;
  meeting_link: string | null;
  state: SessionState;
  /** The step the group is on; null before the first was shown. */
  current_step: number | null;
  /** When the group ended the session; null while it runs or where the clock ended it. */
  ended_at: number | null;
  created_at: number;
}

export interface RegistrationsTable {
  organization_id: OrganizationId;
  id: string;
  session_id: string;
  user_id: string;
  /** The secret of the join link; kept readable, because signing up again gives the same link back. */
  join_token: string;
  /** When the person agreed to the consent line of the form; null where somebody else registered them. */
  consented_at: number | null;
  created_at: number;
  cancelled_at: number | null;
}

/** Presence as intervals: one row a tab and stretch without a gap. */
export interface VisitsTable {
  organization_id: OrganizationId;
  registration_id: string;
  tab: string;
  first_at: number;
  last_at: number;
  /** 1 once the tab said that it leaves. */
  closed: Flag;
}

/** When which step was shown to the group of a session. */
export interface ShownStepsTable {
  organization_id: OrganizationId;
  session_id: string;
  /** 0, 1, 2 … in the order of the moves. */
  number: number;
  step: number;
  from_at: number;
  to_at: number | null;
}

export interface CompletionsTable {
  organization_id: OrganizationId;
  /** Scheduled start and id as one text in the contract's order, so that a stream pages by one column. */
  sort_key: string;
  id: string;
  registration_id: string;
  session_id: string;
  cluster_id: string;
  user_id: string;
  remote_user_id: string | null;
  /** Number of the organization's change that last gave the record a new hash. */
  change: number;
  /** The record as the contract shows it (JSON), hash included; composed once, when written. */
  document: string;
}

export interface EventsTable {
  organization_id: OrganizationId;
  /** 1, 2, 3 … without gaps. */
  number: number;
  type: string;
  data: string;
  created_at: number;
}

export interface IdempotencyKeysTable {
  organization_id: OrganizationId;
  key: string;
  operation: string;
  /** SHA-256 of the request (operation, parameters, body), hex. */
  request_digest: string;
  /** The first answer's body. */
  response: string;
  created_at: number;
}

export interface FeedbackTable {
  organization_id: OrganizationId;
  registration_id: string;
  /** 1 to 5. */
  rating: number;
  comment: string;
  created_at: number;
}

/** Mail to be sent: an outbox. */
export interface MailsTable {
  organization_id: OrganizationId;
  id: string;
  /** What it is about, such as `registration:ID`: nobody is sent the same again and again. */
  topic: string;
  /** JSON: to, subject, text, html, calendar file. Emptied once it was sent or given up. */
  message: string;
  attempts: Generated<number>;
  /** Null once it was sent or given up. */
  next_attempt_at: number | null;
  sent_at: number | null;
  last_error: string | null;
  created_at: number;
}

/** What SCIM says of a user beyond what a user is; most have no row. */
export interface ScimUsersTable {
  organization_id: OrganizationId;
  /** The user's. */
  position: number;
  /** As the identity provider wrote it; null where it follows from the user's keys. */
  user_name: string | null;
  /** In the form in which user names are compared. */
  user_name_folded: string | null;
  /** The user was deleted through SCIM: out of its sight while inactive. */
  deleted_at: number | null;
}

export interface ScimGroupsTable {
  organization_id: OrganizationId;
  id: string;
  display_name: string;
  display_name_folded: string;
  external_id: string | null;
  members_total: number;
  /** Changes whenever the group does, its members included, and never repeats. */
  version: number;
  created_at: number;
  updated_at: number;
}

export interface ScimMembersTable {
  organization_id: OrganizationId;
  group_id: string;
  user_position: number;
}

export interface SyncRunsTable {
  organization_id: OrganizationId;
  id: string;
  state: SyncRunState;
  label: string | null;
  deactivate_missing: Flag;
  batch_count: Generated<number>;
  row_count: Generated<number>;
  /** Grows whenever the rows change. */
  content: Generated<number>;
  created_at: number;
  /** When a batch, the commit or whatever ended the run came. */
  touched_at: number;
  committed_at: number | null;
  undone_at: number | null;
  /** Number of the plan that was begun last. */
  plan_latest: Generated<number>;
  /** Number of the plan that was finished last: of the items that hold. */
  plan_number: number | null;
  /** JSON: what that plan is based on, its figures and its digest. */
  plan: string | null;
  /** Position of the first user that the commit created. */
  first_created: number | null;
  /** JSON: figures of the undo. */
  undo: string | null;
  /** 1: rows and items are gone. */
  purged: Generated<Flag>;
}

/** The rows of a run's roster, as they came. */
export interface SyncRowsTable {
  organization_id: OrganizationId;
  run_id: string;
  batch: number;
  /** 0, 1, 2 … within the batch. */
  place: number;
  /** The row's keys, normalized; null where it has none that is valid. */
  remote_id: string | null;
  email: string | null;
  /** JSON, as sent. */
  sent: string;
}

/** What a plan does to one person, kept for the undo once it is done. */
export interface SyncItemsTable {
  organization_id: OrganizationId;
  run_id: string;
  plan_number: number;
  /** Place of the kind in the list of kinds. */
  kind: number;
  /** 0, 1, 2 … without gaps within the kind. */
  number: number;
  /** The row that it comes from; null where the roster lacks the user. */
  batch: number | null;
  place: number | null;
  /** The number that the row has in the caller's own file. */
  row_label: number | null;
  /** The user's position; null where there is none yet. */
  position: number | null;
  /** The user's document before and after; null where there is none. */
  before: string | null;
  after: string | null;
  /** 1: the email or the remote id of a user changes. */
  rekeyed: Flag;
  /** JSON array of the fields that stay as they were edited by hand. */
  kept: string | null;
  /** The row as it was sent, where nothing of it is written. */
  sent: string | null;
  error: string | null;
  /** JSON array of the fields that the undo left alone. */
  left_alone: string | null;
}
