import type { RowFault } from '../csv/row.ts';
import type { FaultReport } from './fault-report.ts';

/** Why rows failed, by their line. The first reason stays: what was found here comes before what the server says. */
export class RowReasons {
  readonly #report: FaultReport;
  readonly #reasons = new Map<number, string>();

  constructor(report: FaultReport) {
    this.#report = report;
  }

  get count(): number {
    return this.#reasons.size;
  }

  of(line: number): string | undefined {
    return this.#reasons.get(line);
  }

  add(line: number, fault: RowFault): void {
    if (this.#reasons.has(line)) return;
    this.#reasons.set(line, fault.reason);
    this.#report.add(line, fault);
  }

  addRefusal(line: number, error: string): void {
    if (this.#reasons.has(line)) return;
    this.#reasons.set(line, error);
    this.#report.addRefusal(line, error);
  }
}
