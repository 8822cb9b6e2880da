import { resolve } from 'node:path';
import { table } from '@rollcall/cli/table.ts';
import type { Config } from '../config.ts';
import type { Demo } from '../demo/make-demo.ts';
import { formatDateTime } from '../domain/date-time.ts';

const DAY_MS = 86_400_000;

/** Where to look first; `hasHostPage` where the demo's page with a live sign-up form is served. */
export function addresses(address: string, { hasHostPage }: { readonly hasHostPage: boolean }): string {
  return table([
    ...(hasHostPage ? [['  Live sign-up form', `${address}/demo/intranet`]] : []),
    ['  API reference', `${address}/docs`],
    ['  OpenAPI 3.1', `${address}/openapi.json (or .yaml)`],
    ['  Health, metrics', `${address}/healthz, /readyz, /metrics`],
  ]);
}

/** What was made, its key, and requests to paste. `now` is in epoch milliseconds. */
export function demoWelcome(demo: Demo, address: string, now: number): string {
  const { name, key, users, modules, clusters, sessions } = demo;
  return `The demo organization "${name}" has been made: ${users} users, ${modules} modules, ${clusters} clusters and
${sessions} sessions, those of the past with their completions.

Its API key is shown this once; only its digest is stored:

  ${key}

Requests to paste into another terminal:

${requests(address, key, now)}
Ctrl-C stops the server. What it has stored is there again at the next start.`;
}

function requests(address: string, key: string, now: number): string {
  const today = now - (now % DAY_MS);
  const span = `from=${formatDateTime(today - 30 * DAY_MS)}&to=${formatDateTime(today)}`;
  const get = (path: string) => `curl -H 'Authorization: Bearer ${key}' '${address}${path}'`;
  const post = (path: string, users: readonly object[]) =>
    `${get(path)} -H 'Content-Type: application/json' -d '${JSON.stringify({ users })}'`;
  const ada = { firstName: 'Ada', lastName: 'Lovelace', active: true, remoteId: 'E2001' };
  const alan = { firstName: 'Alan', lastName: 'Turing', active: true, remoteId: 'E2002' };
  const list = [
    ['The first users of 40:', get('/v1/users?page=0&pageSize=5')],
    ['Create two users, or update them where they exist:', post('/v1/users/batch-upsert', [ada, alan])],
    ['Deactivate one of them:', post('/v1/users/batch-deactivate', [{ remoteId: alan.remoteId }])],
    ['The session clusters, with the embed code of their sign-up form:', get('/v1/clusters')],
    ['What came of the sessions of the last 30 days:', get(`/v1/completions?${span}`)],
  ];
  return list.map(([title, request]) => `# ${title}\n${request}\n`).join('\n');
}

/** For later starts: the key was shown once, so another has to be made. */
export function keyHint(slug: string, config: Config): string {
  const command = rollcall(config, `key create --org ${slug} --name "My key"`);
  return `API keys are shown only once. To make another for the demo organization:\n\n  ${command}`;
}

/** For a server without the demo. */
export function emptyHint(config: Config): string {
  const org = rollcall(config, 'org create acme --name "Acme"');
  const key = rollcall(config, 'key create --org acme --name "My key"');
  return `To make an organization and an API key for it:\n\n  ${org}\n  ${key}`;
}

/**
 * The command line on the same data, also from a terminal that knows nothing of our environment; but for DATABASE_URL,
 * which may hold a password.
 */
function rollcall({ dataDirectory, postgres }: Config, words: string): string {
  const isUsual = postgres !== null || dataDirectory === resolve('data');
  const setting = isUsual ? '' : `DATA_DIR='${dataDirectory.replaceAll("'", String.raw`'\''`)}' `;
  return `${setting}npm run -s rollcall -- ${words}`;
}
