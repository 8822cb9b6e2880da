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
