import type { RosterMapping } from '../csv/header.ts';
import { describeFault, type RowFault, serverFault } from '../csv/row.ts';
import { type Ui, visible } from '../ui.ts';

/** Of more than so many, the rest is only counted, and in the file of failed rows: a terminal is no place for thousands. */
const REPORTED_MAX = 1_000;

/** A row that failed, as `--json` tells it. */
export interface Failure {
  readonly line: number;
  readonly column: number | null;
  readonly header: string | null;
  readonly reason: string;
}

/** Tells of each row that failed, on stderr, and keeps what `--json` tells. */
export class FaultReport {
  readonly #ui: Ui;
  readonly #mapping: RosterMapping;
  readonly failures: Failure[] = [];

  constructor(ui: Ui, mapping: RosterMapping) {
    this.#ui = ui;
    this.#mapping = mapping;
  }

  add(line: number, fault: RowFault): void {
    if (this.failures.length === REPORTED_MAX) return;
    const { column, reason } = fault;
    this.failures.push({ line, column: column?.number ?? null, header: column?.header ?? null, reason });
    this.#ui.warn(visible(describeFault(line, fault)));
    if (this.failures.length === REPORTED_MAX) this.#ui.warn('… further rows that failed are only counted here.');
  }

  /** As `add`, of what the server said. */
  addRefusal(line: number, error: string): void {
    this.add(line, serverFault(error, this.#mapping));
  }
}
