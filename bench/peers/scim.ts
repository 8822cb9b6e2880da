/**
 * A SCIM server made of SCIMMY's own router, with as little behind it as can be: a page of people in memory, whoever asks.
 * A program of its own: `DIRECTORY`, in which the packages are installed.
 */
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

interface Scimmy {
  readonly Resources: {
    declare(resource: unknown): { egress(handler: () => unknown[]): void };
    readonly User: unknown;
  };
}

interface Router {
  new (options: { type: string; handler: (request: { headers: { authorization?: string } }) => string }): unknown;
}

type Express = () => {
  use(path: string, router: unknown): void;
  listen(port: number, host: string, listening: () => void): { address(): AddressInfo };
};

const PEOPLE = 200;

const fromScratch = createRequire(join(process.argv[2] ?? '', 'package.json'));
const express = fromScratch('express') as Express;
const { SCIMMY, SCIMMYRouters } = fromScratch('scimmy-routers') as { SCIMMY: Scimmy; SCIMMYRouters: Router };

const people = Array.from({ length: PEOPLE }, (_, index) => ({
  id: String(index).padStart(64, '0'),
  externalId: `E${index}`,
  userName: `person.${index}@example.com`,
  name: { formatted: `First Last ${index}`, givenName: 'First', familyName: `Last ${index}` },
  displayName: `First Last ${index}`,
  active: true,
  emails: [{ value: `person.${index}@example.com`, type: 'work', primary: true }],
}));
SCIMMY.Resources.declare(SCIMMY.Resources.User).egress(() => people.map((person) => ({ ...person })));

const app = express();
const handler = ({ headers }: { headers: { authorization?: string } }) => {
  if (!headers.authorization?.startsWith('Bearer ')) throw new Error('no token');
  return 'somebody';
};
app.use('/scim', new SCIMMYRouters({ type: 'bearer', handler }));
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ address: `http://127.0.0.1:${server.address().port}` });
});
