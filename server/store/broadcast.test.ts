import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Announcement, AnnouncementRelay } from './broadcast.ts';
import type { Database } from './database.ts';
import { openSqlite } from './sqlite.ts';
import type { OrganizationId } from './tables.ts';

const ACME = 1 as OrganizationId;
const EVENTS: Announcement = { about: 'events', organization: ACME };

/** Two processes on one file, as far as the store can tell: each has a connection, and a relay carries between them. */
async function openPair() {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-'));
  const receivers: ((announcements: readonly Announcement[]) => void)[] = [];
  const relay = (own: 0 | 1): AnnouncementRelay => ({
    send: (announcements) => receivers[1 - own]?.(announcements),
    receive: (listener) => {
      receivers[own] = listener;
    },
  });
  const databases = [openSqlite(directory, relay(0)), openSqlite(directory, relay(1))] as const;
  await databases[0].migrate();
  return {
    databases,
    async [Symbol.asyncDispose]() {
      for (const database of databases) await database[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function heardBy(database: Database): Announcement[] {
  const heard: Announcement[] = [];
  database.listen((announcement) => heard.push(announcement));
  return heard;
}

test('what a transaction announces is heard once in each process, after its commit', async () => {
  await using pair = await openPair();
  const [one, other] = pair.databases;
  const heard = pair.databases.map(heardBy);
  await one.transaction(null, async (transaction) => {
    transaction.announce(EVENTS);
    expect(heard).toEqual([[], []]);
  });
  expect(heard).toEqual([[EVENTS], [EVENTS]]);
  await other.transaction(null, async (transaction) => transaction.announce(EVENTS));
  expect(heard).toEqual([
    [EVENTS, EVENTS],
    [EVENTS, EVENTS],
  ]);
});

test('nobody hears of a transaction that was undone', async () => {
  await using pair = await openPair();
  const [one] = pair.databases;
  const heard = pair.databases.map(heardBy);
  const undone = one.transaction(null, async (transaction) => {
    transaction.announce(EVENTS);
    throw new Error('undo');
  });
  await expect(undone).rejects.toThrow('undo');
  await one.transaction(null, async () => {});
  expect(heard).toEqual([[], []]);
});
