import { errorTable } from '../errors.ts';
import { limits } from '../limits.ts';
import type { ApiDescription } from '../operation.ts';
import { archiveCluster, createCluster, getCluster, listClusters, updateCluster } from './clusters.ts';
import { explainCompletion } from './completions.ts';
import {
  archiveModule,
  createModule,
  exportModule,
  getModule,
  importModule,
  listModules,
  updateModule,
} from './modules.ts';
import { getOrganization, updateOrganization } from './organization.ts';
import { cancelRegistration, createRegistration, getRegistration, listRegistrations } from './registrations.ts';
import { cancelSession, getSession, listSessions, scheduleSessions, updateSession } from './sessions.ts';
import { getTestClock, setTestClock } from './test-clock.ts';
import { getUser, updateUser } from './users.ts';

/** The operations of the management API, in the order in which a reader meets them. */
export const manageOperations = [
  getOrganization,
  updateOrganization,
  getUser,
  updateUser,
  listModules,
  createModule,
  getModule,
  updateModule,
  archiveModule,
  exportModule,
  importModule,
  listClusters,
  createCluster,
  getCluster,
  updateCluster,
  archiveCluster,
  listSessions,
  scheduleSessions,
  getSession,
  updateSession,
  cancelSession,
  listRegistrations,
  createRegistration,
  getRegistration,
  cancelRegistration,
  explainCompletion,
  getTestClock,
  setTestClock,
] as const;

const description = `With this API a program of yours, or an administrator's, makes what the Account API reports on: modules and their steps, clusters that offer them, sessions, seats, and the settings of the organization.

## Authentication

Every request carries a server API key with the scope \`manage\`, as \`Authorization: Bearer KEY\` or as \`X-API-Key: KEY\`. A key that was made without naming scopes does not have it. The key decides the organization: nothing of another one can be seen or changed, and its ids are answered as if they did not exist.

## Requests and answers

Bodies are JSON in UTF-8, but for module files, which are YAML or Markdown. A successful answer wears the envelope \`{"success":true,"data":…,"error":null}\`. New members, headers and error codes may be added to answers at any time: ignore those you do not know. In requests, parameters and members that this reference does not name are refused, so that a typing error is not lost silently. Every answer has an \`X-Request-Id\` header.

A \`PATCH\` changes the members that it names and leaves the others as they are. Every change is one transaction: once answered it is stored for good, and what is refused has changed nothing.

## Lists

A list comes in stretches of \`limit\` items, ${limits.listLimitDefault} unless you ask for others, ${limits.listLimitMax} at most. \`next\` is the cursor of what follows, to be sent as \`cursor\`, or null at the end. Cursors are opaque and do not expire.

## Dates and times

In answers, times are UTC in whole seconds: \`2027-01-14T14:00:00Z\`. In requests any RFC 3339 date-time with any offset is taken; fractions of a second are cut off. Only a recurrence is written in local time, with the name of its time zone.

## Repeating a request

Reads, \`PATCH\`, archiving and cancelling can be repeated at will. What makes something is repeated safely with an \`Idempotency-Key\` header: within ${limits.idempotencyKeyHours} hours the same request with the same key makes nothing more and gets the first answer again.

## Errors

Every error has the same body:

\`\`\`json
{"success":false,"error":{"message":"…","metadata":{"code":"…","requestId":"…"}},"data":null}
\`\`\`

\`message\` is for people and may change. \`metadata.code\` is for programs and does not. With \`invalid_request\`, \`metadata.issues\` lists every fault with its place.

${errorTable}`;

/** The management API, ready to be written as an OpenAPI document. */
export const manageApi: ApiDescription = {
  title: 'Rollcall Management API',
  version: '1.0.0',
  summary: 'Modules, clusters, sessions and seats: what an organization offers.',
  description,
  tags: [
    { name: 'Organization', description: 'The settings of the organization that the key belongs to.' },
    {
      name: 'Users',
      description: 'One person, to be corrected by hand. To bring in many, use the Account API.',
    },
    { name: 'Modules', description: 'Lessons for small groups, each with its ordered steps.' },
    {
      name: 'Clusters',
      description: 'What is on offer: one module on a set of dates, with or without a sign-up form.',
    },
    { name: 'Sessions', description: 'The dates: one group’s appointment each, with seats and a room.' },
    { name: 'Registrations', description: 'Who has a seat in which session, and with which join link.' },
    { name: 'Completions', description: 'How what came of a seat came about.' },
    { name: 'Test clock', description: 'The time of a test organization.' },
  ],
  operations: manageOperations,
};
