import type { batchDeactivateUsers, batchUpsertUsers } from '@rollcall/contract/users.ts';
import { type BatchOptions, type BatchOutcome, deactivateUsers, upsertUsers } from '../actions/batch-users.ts';
import type { Answer, Call, Handler } from './context.ts';
import { idempotencyOf } from './idempotency-key.ts';

/** POST /v1/users/batch-upsert. */
export const handleBatchUpsertUsers: Handler<typeof batchUpsertUsers> = async (call) => {
  const options = batchOptions(call, 'batchUpsertUsers');
  call.metrics.batchSize.observe({ operation: 'batchUpsertUsers' }, call.body.users.length);
  return answer(call, await upsertUsers(call, call.account.organization, call.body.users, options));
};

/** POST /v1/users/batch-deactivate. */
export const handleBatchDeactivateUsers: Handler<typeof batchDeactivateUsers> = async (call) => {
  const options = batchOptions(call, 'batchDeactivateUsers');
  call.metrics.batchSize.observe({ operation: 'batchDeactivateUsers' }, call.body.users.length);
  return answer(call, await deactivateUsers(call, call.account.organization, call.body.users, options));
};

type BatchCall = Call<typeof batchUpsertUsers> | Call<typeof batchDeactivateUsers>;

function answer({ metrics, query }: BatchCall, { body, replayed, written }: BatchOutcome): Answer {
  if (written && !query.dryRun) {
    metrics.usersWritten.inc({ change: 'created' }, written.created);
    metrics.usersWritten.inc({ change: 'updated' }, written.updated);
  }
  return {
    contentType: 'application/json; charset=utf-8',
    ...(replayed && { headers: { 'idempotency-replayed': 'true' } }),
    body: async () => body,
  };
}

function batchOptions(call: BatchCall, operation: string): BatchOptions {
  const dryRun = call.query.dryRun === true;
  return { dryRun, idempotency: dryRun ? null : idempotencyOf(call, operation) };
}
