import { advanceSessions } from '../actions/advance-sessions.ts';
import { Refusal } from '../domain/refusal.ts';
import { completionCounters } from '../store/completions.ts';
import { StorageFullError } from '../store/dialect.ts';
import type { Call } from './context.ts';

/**
 * The call with its account as it is once all sessions that are over by now have their completions. The job records them
 * at the scheduled end; a request that comes in the same moment does not wait for the job but does its work, so that a
 * completion is never missing once its time has come. Costs nothing where nothing is due: the account knows.
 */
export async function withDueSessionsEnded<C extends Call<never>>(call: C): Promise<C> {
  const { account, database } = call;
  if (account.sessionsDueAt === null || account.sessionsDueAt > call.now()) return call;
  await endDueSessions(call);
  return { ...call, account: { ...account, ...(await completionCounters(account.organization, database.reader)) } };
}

/** A list that lacks what belongs there must not look like a whole one: rather no answer than that. */
async function endDueSessions(call: Call<never>): Promise<void> {
  try {
    await advanceSessions(call, call.account.organization);
  } catch (error) {
    if (!(error instanceof StorageFullError)) throw error;
    const message = 'The disk is full: the completions of sessions that are over cannot be recorded. Try again later.';
    throw new Refusal('unavailable', message, {}, { cause: error });
  }
}
