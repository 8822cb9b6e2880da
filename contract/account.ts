import { listClusters } from './clusters.ts';
import { listCompletions } from './completions.ts';
import { errorTable } from './errors.ts';
import { limits } from './limits.ts';
import type { ApiDescription } from './operation.ts';
import {
  addSyncBatch,
  cancelSyncRun,
  commitSyncRun,
  getSyncPlan,
  getSyncRun,
  listSyncPlanItems,
  listSyncRuns,
  openSyncRun,
  undoSyncRun,
} from './sync-runs.ts';
import { batchDeactivateUsers, batchUpsertUsers, listUsers } from './users.ts';

/** The operations of the Account API, in the order in which a reader meets them. */
export const accountOperations = [
  listUsers,
  batchUpsertUsers,
  batchDeactivateUsers,
  openSyncRun,
  listSyncRuns,
  getSyncRun,
  addSyncBatch,
  getSyncPlan,
  listSyncPlanItems,
  commitSyncRun,
  undoSyncRun,
  cancelSyncRun,
  listClusters,
  listCompletions,
] as const;

const description = `With this API a server of yours keeps the users of one organization in step with your people directory, lists the session clusters on offer, and fetches what came of the sessions.

## Authentication

Every request carries a server API key, as \`Authorization: Bearer KEY\` or as \`X-API-Key: KEY\`; where both are sent they must be the same. The key decides the organization: no request names one, and nothing of another organization can be seen. Each operation needs one scope of the key and says which.

A key is shown once, when it is created, and looks like \`rck_\` followed by 36 letters and digits. Keep it on your servers: it belongs neither in a browser nor in an app.

## Requests and answers

Bodies are JSON in UTF-8. A successful answer wears the envelope \`{"success":true,"data":…}\`; completions come as a bare array. New members, headers and error codes may be added to answers at any time: ignore those you do not know. In requests, parameters and members that this reference does not name are refused, so that a typing error is not lost silently.

Answers are compressed with gzip, br or zstd where \`Accept-Encoding\` asks for it. Every answer has an \`X-Request-Id\` header.

## Dates and times

In answers, times are UTC in whole seconds: \`2024-06-15T14:00:00Z\`. In parameters any RFC 3339 date-time with any offset is taken. In a URL, write the \`+\` of an offset as \`%2B\`. A date without a time, or one that the calendar does not have, is refused.

## Conditional reads

Every list has a strong \`ETag\`. Send it back in \`If-None-Match\`, and while nothing has changed the answer is 304, without a body and at next to no cost.

## Repeating a request

Reads can be repeated at will. A batch sent again changes nothing more either, unless some of its items depend on one another (each operation says when). To be sure of that, and to get the very same answer again, after a timeout for example, send an \`Idempotency-Key\` header with the batch, and repeat it with the same key within ${limits.idempotencyKeyHours} hours.

On 429 and 503 wait as long as \`Retry-After\` says; on 500 and 507 a few seconds, and longer each time. Other errors do not go away by repeating the request.

## Errors

Every error has the same body:

\`\`\`json
{"success":false,"error":{"message":"…","metadata":{"code":"…","requestId":"…"}},"data":null}
\`\`\`

\`message\` is for people and may change. \`metadata.code\` is for programs and does not:

${errorTable}`;

/** The Account API, ready to be written as an OpenAPI document. */
export const accountApi: ApiDescription = {
  title: 'Rollcall Account API',
  version: '1.1.0',
  summary: 'Users in, sessions and completions out: the API of one organization’s account.',
  description,
  tags: [
    {
      name: 'Users',
      description:
        'The people known to the organization. Send them from your directory in batches; they are deactivated, never deleted.',
    },
    {
      name: 'Sync runs',
      description:
        'The safe way to bring all users in step with a roster: add it in batches, look at the plan, commit it as one change, undo it if it was wrong.',
    },
    {
      name: 'Clusters',
      description: 'What is on offer: a cluster offers one module, a lesson for a small group, on a set of dates.',
    },
    {
      name: 'Completions',
      description:
        'What came of the sessions: one record for each registered participant, with presence and steps visited.',
    },
  ],
  operations: accountOperations,
};
