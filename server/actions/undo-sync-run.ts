import type { User } from '@rollcall/contract/users.ts';
import { runClosed, undoableUntil } from '../domain/sync-plan-run.ts';
import { differing, isRekeyed, keepKeys, type Undo, undoChange, undoCreation } from '../domain/sync-plan-undo.ts';
import type { Transaction } from '../store/database.ts';
import { type StoredSyncRun, type UndoFigures, updateSyncRun } from '../store/sync-runs.ts';
import { type PlanKey, putLeftAlone, type StoredSyncItem } from '../store/sync-runs-items.ts';
import type { OrganizationId } from '../store/tables.ts';
import { findUsersAt, findUsersNamed, lockUserCounters, releaseUserKeys, updateUsers } from '../store/users.ts';
import { chunksOf } from './commit-sync-run.ts';
import { requireSyncRun, type SyncContext } from './sync-run-access.ts';
import { type UserChange, UserWriter } from './sync-run-changes.ts';

const KINDS = ['update', 'deactivate', 'reactivate', 'create'] as const;

/** Takes a committed run back, all in one transaction; one that is taken back already stays as it is. */
export function undoSyncRun(
  { database, now, serverNow }: SyncContext,
  organization: OrganizationId,
  runId: string,
): Promise<StoredSyncRun> {
  return database.transaction(organization, async (transaction) => {
    const at = serverNow();
    const run = await requireSyncRun(organization, transaction, runId, at);
    if (run.state === 'undone') return run;
    requireUndoable(run, at);
    const undo = await new Undoing(organization, transaction, run, now()).run();
    await updateSyncRun(organization, transaction, runId, { state: 'undone', touchedAt: at, undoneAt: at, undo });
    return requireSyncRun(organization, transaction, runId, at);
  });
}

function requireUndoable(run: StoredSyncRun, now: number): void {
  const end = undoableUntil(run);
  if (end === null) throw runClosed(run.state, 'There is nothing to undo.');
  if (end <= now || run.purged) throw runClosed(run.state, 'That is too long ago to undo it.');
}

/** An item, and what its undo makes of the user. */
interface Undone {
  readonly item: StoredSyncItem;
  readonly position: number;
  readonly present: User;
  readonly undo: Undo;
}

/** One undo: first the keys that change hands are freed, then it is seen who can have theirs back, then all is written. */
class Undoing {
  readonly #organization: OrganizationId;
  readonly #transaction: Transaction;
  readonly #run: StoredSyncRun;
  readonly #key: PlanKey;
  readonly #now: number;
  /** Positions of users whose former keys somebody else has by now. */
  readonly #blocked = new Set<number>();

  constructor(organization: OrganizationId, transaction: Transaction, run: StoredSyncRun, now: number) {
    this.#organization = organization;
    this.#transaction = transaction;
    this.#run = run;
    this.#key = { runId: run.id, number: run.plan?.number ?? 0 };
    this.#now = now;
  }

  async run(): Promise<UndoFigures> {
    if (this.#run.plan?.rekeyed) {
      for await (const undone of this.#rekeyed()) await this.#release(undone);
      while (await this.#findBlocked());
    }
    const writer = new UserWriter(
      this.#organization,
      this.#transaction,
      await lockUserCounters(this.#organization, this.#transaction),
      this.#now,
    );
    const figures = { deactivated: 0, restored: 0, reactivated: 0, leftAlone: 0 };
    for (const kind of KINDS) {
      for await (const undone of this.#undoneOf(kind)) {
        for (const one of undone) count(figures, one);
        await writer.change(undone.filter(isChange).map(changeOf));
        await this.#noteLeftAlone(undone);
      }
    }
    await writer.finish();
    return figures;
  }

  /** What the undo makes of the users of one kind of item, some at a time. What a user is at present, its document says. */
  async *#undoneOf(kind: (typeof KINDS)[number]): AsyncGenerator<Undone[]> {
    for await (const items of chunksOf(this.#organization, this.#transaction, this.#key, kind)) {
      const positions = items.map((item) => this.#positionOf(item));
      const users = await findUsersAt(this.#organization, this.#transaction, positions);
      const documents = new Map(users.map(({ position, document }) => [position, document]));
      yield items.map((item, index) => {
        const position = positions[index] as number;
        return this.#undoneItem(item, position, JSON.parse(documents.get(position) as string) as User);
      });
    }
  }

  #positionOf({ kind, number, position }: StoredSyncItem): number {
    return kind === 'create' ? (this.#run.firstCreated as number) + number : (position as number);
  }

  #undoneItem(item: StoredSyncItem, position: number, present: User): Undone {
    const after = JSON.parse(item.after as string) as User;
    if (item.before === null) return { item, position, present, undo: undoCreation(after, present) };
    const undo = undoChange(JSON.parse(item.before) as User, after, present);
    return { item, position, present, undo: this.#blocked.has(position) ? keepKeys(undo, present) : undo };
  }

  async *#rekeyed(): AsyncGenerator<Undone[]> {
    for (const kind of KINDS) {
      for await (const undone of this.#undoneOf(kind)) {
        const rekeyed = undone.filter(({ undo, present }) => isRekeyed(undo, present));
        if (rekeyed.length > 0) yield rekeyed;
      }
    }
  }

  async #release(undone: readonly Undone[]): Promise<void> {
    const positions = undone.map(({ position }) => position);
    await releaseUserKeys(this.#organization, this.#transaction, positions);
  }

  /** Gives those their present keys back whose former ones are taken; answers whether there were any. */
  async #findBlocked(): Promise<boolean> {
    let isAny = false;
    for await (const undone of this.#rekeyed()) {
      const wanted = undone.map(({ undo }) => undo.user);
      const holders = await findUsersNamed(this.#organization, this.#transaction, {
        ids: [],
        remoteIds: wanted.flatMap(({ remoteId }) => remoteId ?? []),
        emails: wanted.flatMap(({ email }) => email ?? []),
      });
      const remoteIds = new Set(holders.flatMap(({ remoteId }) => remoteId ?? []));
      const emails = new Set(holders.flatMap(({ email }) => email ?? []));
      const blocked = undone.filter(
        ({ undo: { user } }) => remoteIds.has(user.remoteId ?? '') || emails.has(user.email ?? ''),
      );
      for (const { position } of blocked) this.#blocked.add(position);
      isAny ||= blocked.length > 0;
      await updateUsers(
        this.#organization,
        this.#transaction,
        blocked.map(({ position, present }) => ({ ...present, position, document: JSON.stringify(present) })),
        this.#now,
      );
    }
    return isAny;
  }

  async #noteLeftAlone(undone: readonly Undone[]): Promise<void> {
    const left = undone.filter(({ undo }) => undo.leftAlone.length > 0);
    await putLeftAlone(
      this.#organization,
      this.#transaction,
      this.#key,
      left.map(({ item: { kind, number }, undo: { leftAlone } }) => ({ kind, number, leftAlone })),
    );
  }
}

function isChange({ undo, present }: Undone): boolean {
  return differing(undo.user, present).length > 0;
}

function changeOf({ position, present, undo }: Undone): UserChange {
  const after = { ...undo.user, position, document: JSON.stringify(undo.user) };
  return { before: present, after, lapses: true };
}

function count(figures: { -readonly [Name in keyof UndoFigures]: number }, undone: Undone): void {
  const { item, undo, present } = undone;
  if (undo.leftAlone.length > 0) figures.leftAlone++;
  if (!isChange(undone)) return;
  if (item.kind === 'create') figures.deactivated++;
  else if (!present.active && undo.user.active) figures.reactivated++;
  else figures.restored++;
}
