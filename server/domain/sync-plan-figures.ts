import { createHash } from 'node:crypto';
import type { SyncCounts, SyncItemKind, SyncThreshold } from '@rollcall/contract/sync-run-shapes.ts';

const MODULUS = 2n ** 256n;

/** Sums a plan up, item by item, in flat memory: its counts, and a digest that does not hang on the items' order. */
export class PlanSum {
  readonly counts: Record<keyof SyncCounts, number> = {
    create: 0,
    update: 0,
    deactivate: 0,
    reactivate: 0,
    unchanged: 0,
    kept: 0,
    conflict: 0,
    refused: 0,
  };
  #sum = 0n;

  /** Counts an item and answers its number within its kind; `facts` is all that it would do, as one text. */
  add(kind: SyncItemKind, facts: string): number {
    const hash = createHash('sha256').update(`${kind}\n${facts}`).digest('hex');
    this.#sum = (this.#sum + BigInt(`0x${hash}`)) % MODULUS;
    return this.counts[kind]++;
  }

  /** 64 hex digits: the same for the same items, however they came. */
  digest(): string {
    return createHash('sha256').update(this.#sum.toString(16)).digest('hex');
  }
}

/** Holds a plan's deactivations against what an organization lets pass unseen. */
export function judgeThreshold(facts: {
  readonly percent: number;
  readonly people: number;
  readonly deactivations: number;
  readonly active: number;
  readonly emptyRoster: boolean;
}): SyncThreshold {
  const { percent, people, deactivations, active, emptyRoster } = facts;
  const isMany = deactivations > people && deactivations * 100 > active * percent;
  return {
    percent,
    people,
    deactivations,
    active,
    emptyRoster,
    exceeded: isMany || (emptyRoster && deactivations > 0),
  };
}

/** What a person is told of a plan that was refused for its deactivations. */
export function thresholdMessage({ percent, people, deactivations, active, emptyRoster }: SyncThreshold): string {
  const remedy =
    'Look whether the roster is whole; if it is, commit with the digest of the plan as confirmDeactivations.';
  if (emptyRoster) {
    return `This run has no row that names anybody, and would deactivate ${deactivations} of ${active} active users whom a sync brought in. ${remedy}`;
  }
  return `This run would deactivate ${deactivations} of ${active} active users whom a sync brought in; more than ${percent} % and ${people} people need a confirmation. ${remedy}`;
}
