/** Where a PostgreSQL database is, and how much of it one process takes. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and what else libpq knows as parameters. */
  readonly url: string;
  /** A hot standby of the same for large reads. */
  readonly readUrl: string | null;
  /** Connections for reads and writes; streams have up to eight of their own, announcements one. */
  readonly poolSize: number;
  /** What takes longer is cancelled by the server, milliseconds. */
  readonly statementTimeoutMs: number;
}
