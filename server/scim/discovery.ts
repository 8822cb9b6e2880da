import { ScimRefusal, shown } from '../domain/scim/refusal.ts';
import { GROUP_SCHEMA, USER_SCHEMA } from '../domain/scim/schemas.ts';
import type { ScimAnswer, ScimHandler } from './context.ts';
import { BODY_BYTES_MAX, BULK_OPERATIONS_MAX, PAGE_MAX } from './limits.ts';
import { listAnswer } from './list.ts';
import { groupAttributes, userAttributes } from './schema-attributes.ts';

type Document = Readonly<Record<string, unknown>>;

/** GET /ServiceProviderConfig: what this door can do. */
export const getServiceProviderConfig: ScimHandler = async ({ base }) =>
  answer({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    documentationUri: 'https://www.rfc-editor.org/rfc/rfc7644',
    patch: { supported: true },
    bulk: { supported: true, maxOperations: BULK_OPERATIONS_MAX, maxPayloadSize: BODY_BYTES_MAX },
    filter: { supported: true, maxResults: PAGE_MAX },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Server API key',
        description: 'An API key with the scope "scim", sent as "Authorization: Bearer rck_…".',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  });

function resourceTypes(base: string): (Document & { id: string })[] {
  return [
    ['User', '/Users', USER_SCHEMA, 'Somebody who takes part in sessions.'] as const,
    ['Group', '/Groups', GROUP_SCHEMA, 'A group of users.'] as const,
  ].map(([name, endpoint, schema, description]) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    description,
    endpoint,
    schema,
    schemaExtensions: [],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  }));
}

function schemas(base: string): (Document & { id: string })[] {
  return [[USER_SCHEMA, 'User', userAttributes] as const, [GROUP_SCHEMA, 'Group', groupAttributes] as const].map(
    ([id, name, attributes]) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
      id,
      name,
      description: `${name}, as far as it is kept here.`,
      attributes,
      meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` },
    }),
  );
}

/** GET /ResourceTypes. */
export const listResourceTypes: ScimHandler = async (call) => listed(resourceTypes(call.base), call.query);
/** GET /ResourceTypes/ID. */
export const getResourceType: ScimHandler = async ({ base, id }) => one(resourceTypes(base), id);
/** GET /Schemas. */
export const listSchemas: ScimHandler = async (call) => listed(schemas(call.base), call.query);
/** GET /Schemas/ID. */
export const getSchema: ScimHandler = async ({ base, id }) => one(schemas(base), id);

function listed(documents: readonly Document[], query: URLSearchParams): ScimAnswer {
  // RFC 7644, section 4: what describes the server is not filtered, and whoever tries is told so by 403.
  if (query.has('filter')) throw new ScimRefusal('forbidden', 'This list cannot be filtered; read it whole.');
  const texts = documents.map((document) => JSON.stringify(document));
  return listAnswer(texts.length, 1, texts);
}

function one(documents: readonly (Document & { id: string })[], id: string): ScimAnswer {
  const document = documents.find((known) => known.id.toLowerCase() === id.toLowerCase());
  if (!document) throw new ScimRefusal('notFound', `There is no ${shown(id)} here.`);
  return answer(document);
}

function answer(document: Document): ScimAnswer {
  return { status: 200, body: JSON.stringify(document) };
}
