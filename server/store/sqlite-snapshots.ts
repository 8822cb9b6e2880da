import type { Snapshot } from './database.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

/** Long reads at the same time; a further one waits for its turn, so that streams cannot eat up memory. */
const SNAPSHOTS_MAX = 8;

/** Connections for long reads, each in a read transaction for as long as it is out. */
export class SnapshotPool {
  readonly #open: () => SqliteConnection;
  readonly #waiting: ((connection: SqliteConnection) => void)[] = [];
  #idle: SqliteConnection | undefined;
  #out = 0;
  #closed = false;

  constructor(open: () => SqliteConnection) {
    this.#open = open;
  }

  async take(): Promise<Snapshot> {
    const connection = await this.#connection();
    connection.exec('begin');
    return { connection, [Symbol.asyncDispose]: async () => this.#giveBack(connection) };
  }

  close(): void {
    this.#closed = true;
    this.#idle?.close();
  }

  async #connection(): Promise<SqliteConnection> {
    if (this.#out >= SNAPSHOTS_MAX) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#out++;
    const idle = this.#idle;
    this.#idle = undefined;
    return idle ?? this.#open();
  }

  #giveBack(connection: SqliteConnection): void {
    connection.rollback();
    const next = this.#waiting.shift();
    if (next) {
      next(connection);
      return;
    }
    this.#out--;
    if (this.#closed || this.#idle) connection.close();
    else this.#idle = connection;
  }
}
