import type { TObject, TSchema } from 'typebox';
import { accountApi } from './account.ts';
import { type ErrorCode, type ErrorEntry, errorCatalog } from './errors.ts';
import { type RequestHeader, type ResponseHeader, requestHeaders, responseHeaders } from './headers.ts';
import { manageApi } from './manage/manage.ts';
import type { Answer, ApiDescription, Content, Examples, Operation } from './operation.ts';
import { sampleRequestId } from './samples.ts';
import { ErrorBody } from './shapes.ts';

type Json = Record<string, unknown>;

/** An OpenAPI 3.1 document: plain JSON values only. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Json;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly Json[];
  readonly paths: Record<string, Record<string, Json>>;
  readonly components: Record<'securitySchemes' | 'schemas' | 'responses' | 'headers' | 'parameters', Json>;
}

/** Either scheme suffices: the first is what clients of the reference use. */
const security = [{ ServerApiKey: [] }, { ServerApiKeyHeader: [] }];

const securitySchemes = {
  ServerApiKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A server API key: `Authorization: Bearer rck_…`. It decides the organization.',
  },
  ServerApiKeyHeader: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'The same server API key in a header of its own: `X-API-Key: rck_…`.',
  },
};

/**
 * The OpenAPI 3.1 document of an API. `serverUrl` is the address the API is served at, without the path; by default
 * the document's own origin. Schemas with an `$id`, errors and headers become named components.
 */
export function openapiDocument(api: ApiDescription & { readonly serverUrl?: string }): OpenApiDocument {
  const schemas = new SchemaComponents();
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of api.operations) {
    paths[operation.path] ??= {};
    (paths[operation.path] as Json)[operation.method.toLowerCase()] = operationObject(operation, schemas);
  }
  const document: OpenApiDocument = {
    openapi: '3.1.0',
    info: {
      title: api.title,
      version: api.version,
      summary: api.summary,
      description: api.description,
      contact: { name: 'Rollcall maintainers' },
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: api.serverUrl?.replace(/\/+$/, '') || '/' }],
    tags: api.tags.map((tag) => ({ ...tag })),
    paths,
    components: {
      securitySchemes,
      schemas: schemas.all,
      responses: sharedErrors(api.operations, schemas),
      headers: sharedHeaders(api.operations),
      parameters: sharedParameters(api.operations),
    },
  };
  return JSON.parse(JSON.stringify(document));
}

/** The OpenAPI document of the Account API; `serverUrl` as for `openapiDocument`. */
export function accountDocument(options: { readonly serverUrl?: string } = {}): OpenApiDocument {
  return openapiDocument({ ...accountApi, ...options });
}

/** The OpenAPI document of the management API; `serverUrl` as for `openapiDocument`. */
export function manageDocument(options: { readonly serverUrl?: string } = {}): OpenApiDocument {
  return openapiDocument({ ...manageApi, ...options });
}

/** The document as it is committed. */
export function openapiText(document: OpenApiDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Collects the schemas that bear a name, and replaces each use of one by a reference. */
class SchemaComponents {
  readonly all: Json = {};

  /** The schema as plain JSON Schema 2020-12, without the library's hidden marks. */
  plain(schema: TSchema): Json {
    const { $id, ...rest } = schema as Json;
    if (typeof $id !== 'string') return this.#copy(rest);
    this.#add($id, schema);
    return { $ref: `#/components/schemas/${$id}` };
  }

  #add(name: string, schema: TSchema): void {
    const { $id: _name, ...rest } = schema as Json;
    // Set before the schema is walked, so that components appear in the order in which a reader meets them.
    const known = this.all[name];
    this.all[name] ??= {};
    const component = this.#copy(rest);
    if (known && JSON.stringify(known) !== JSON.stringify(component)) {
      throw new Error(`Two different schemas are named ${name}.`);
    }
    this.all[name] = component;
  }

  #copy(schema: Json): Json {
    const copy: Json = {};
    for (const [keyword, value] of Object.entries(schema)) copy[keyword] = this.#keyword(keyword, value);
    return copy;
  }

  #keyword(keyword: string, value: unknown): unknown {
    if (keyword === 'properties') {
      const members = Object.entries(value as Record<string, TSchema>);
      return Object.fromEntries(members.map(([name, member]) => [name, this.plain(member)]));
    }
    if (keyword === 'items') return this.plain(value as TSchema);
    return value;
  }
}

function operationObject(operation: Operation, schemas: SchemaComponents): Json {
  const parameters = [
    ...parameterObjects('path', operation.params, schemas),
    ...parameterObjects('query', operation.query, schemas),
    ...headerParameters(operation.requestHeaders),
  ];
  const body = requestBody(operation, schemas);
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: `${operation.description}\n\nNeeds the scope \`${operation.scope}\`.`,
    tags: [operation.tag],
    security,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.responses).map(([status, answer]) => [status, response(answer, schemas)]),
      ),
      ...errorResponses(operation, schemas),
    },
  };
}

/**
 * Where the sample of an optional parameter stands: in its description. As an `example` pages that send requests would
 * fill it in, and so narrow, or even spoil, a request that nobody meant that way.
 */
function withSample(description: unknown, sample: unknown): string {
  return `${description} For example \`${sample}\`.`;
}

function optionalParameter(description: unknown, { examples, ...schema }: Json): Json {
  const [sample] = (examples ?? []) as unknown[];
  // False is what an absent switch means anyway, and the same pages would send it.
  if (schema.type === 'boolean') delete schema.default;
  // Neither a switch nor what is in force by default needs a sample.
  const isTelling = sample !== undefined && sample !== schema.default && schema.type !== 'boolean';
  return { description: isTelling ? withSample(description, sample) : description, schema };
}

function parameterObjects(place: 'path' | 'query', object: TObject | undefined, schemas: SchemaComponents): Json[] {
  if (!object) return [];
  const required = new Set<string>(object.required ?? []);
  return Object.entries(object.properties).map(([name, property]) => {
    const { description, ...schema } = schemas.plain(property);
    if (required.has(name)) return { name, in: place, required: true, description, schema };
    return { name, in: place, required: false, ...optionalParameter(description, schema) };
  });
}

function headerParameters(names: readonly RequestHeader[] = []): Json[] {
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

function requestBody(operation: Operation, schemas: SchemaComponents): Json | null {
  const { body, bodyExamples: examples, textBody, bodyDescription: description = 'As JSON.' } = operation;
  const json = body && { 'application/json': { schema: schemas.plain(body), ...(examples && { examples }) } };
  const content = json ?? (textBody && contentObject(textBody, schemas));
  return content ? { description, required: true, content } : null;
}

function contentObject(content: Readonly<Record<string, Content>>, schemas: SchemaComponents): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, examples }]) => [type, { schema: schemas.plain(schema), examples }]),
  );
}

function response(answer: Answer, schemas: SchemaComponents): Json {
  return {
    description: answer.description,
    headers: headerReferences(answer.headers),
    ...(answer.content && { content: contentObject(answer.content, schemas) }),
  };
}

function headerReferences(names: readonly ResponseHeader[] = []): Json {
  return Object.fromEntries(
    (['X-Request-Id', ...names] as const).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}

/** Status -> the shared error, or, where the operation has samples of its own or several errors with it, what it says. */
function errorResponses(operation: Operation, schemas: SchemaComponents): Json {
  const { id, errors } = operation;
  if (new Set(errors).size < errors.length) throw new Error(`${id} names an error twice.`);
  const responses: Json = {};
  for (const [status, codes] of errorsByStatus(operation)) {
    const shared = sharedError(operation, codes);
    responses[status] = shared
      ? { $ref: `#/components/responses/${componentName(shared)}` }
      : errorResponse(codes, errorSamples(operation, codes), schemas);
  }
  return responses;
}

function errorsByStatus({ errors }: Operation): Map<number, ErrorCode[]> {
  return Map.groupBy(errors, (code) => errorCatalog[code].status);
}

/** The code whose shared description is all that there is to say of a status; undefined where there is more. */
function sharedError({ errorExamples }: Operation, [code, ...others]: readonly ErrorCode[]): ErrorCode | undefined {
  return code && others.length === 0 && !errorExamples?.[code] ? code : undefined;
}

function errorSamples({ errorExamples }: Operation, codes: readonly ErrorCode[]): Examples {
  return Object.assign({}, ...codes.map((code) => errorExamples?.[code] ?? { [code]: sampleError(code) }));
}

function errorResponse(codes: readonly ErrorCode[], examples: Examples, schemas: SchemaComponents): Json {
  const entries: ErrorEntry[] = codes.map((code) => errorCatalog[code]);
  const headers = [...new Set(entries.flatMap((entry) => entry.headers ?? []))];
  return response(
    {
      description: entries
        .map(({ title, description }, index) => `${title} (\`${codes[index]}\`). ${description}`)
        .join('\n\n'),
      ...(headers.length > 0 && { headers }),
      content: { 'application/json': { schema: ErrorBody, examples } },
    },
    schemas,
  );
}

/** The errors that some operation refers to. */
function sharedErrors(operations: readonly Operation[], schemas: SchemaComponents): Json {
  const used = new Set(
    operations.flatMap((operation) =>
      [...errorsByStatus(operation).values()].flatMap((codes) => sharedError(operation, codes) ?? []),
    ),
  );
  return Object.fromEntries(
    [...used].map((code) => [componentName(code), errorResponse([code], { [code]: sampleError(code) }, schemas)]),
  );
}

function sampleError(code: ErrorCode) {
  const { title, sampleMessage } = errorCatalog[code];
  const error = { message: sampleMessage, metadata: { code, requestId: sampleRequestId } };
  return { summary: title, value: { success: false, error, data: null } };
}

/** invalid_request -> InvalidRequest */
function componentName(code: ErrorCode): string {
  return code.replaceAll(/(?:^|_)(.)/g, (_match, letter: string) => letter.toUpperCase());
}

function sharedHeaders(operations: readonly Operation[]): Json {
  const used = new Set<string>(['X-Request-Id']);
  for (const { responses, errors } of operations) {
    for (const { headers } of Object.values(responses)) for (const name of headers ?? []) used.add(name);
    for (const code of errors) for (const name of errorHeaders(code)) used.add(name);
  }
  return Object.fromEntries(Object.entries(responseHeaders).filter(([name]) => used.has(name)));
}

function errorHeaders(code: ErrorCode): readonly ResponseHeader[] {
  const { headers }: ErrorEntry = errorCatalog[code];
  return headers ?? [];
}

function sharedParameters(operations: readonly Operation[]): Json {
  const used = new Set<string>(operations.flatMap(({ requestHeaders: names }) => names ?? []));
  return Object.fromEntries(
    Object.entries(requestHeaders)
      .filter(([name]) => used.has(name))
      .map(([name, { description, schema, example }]) => [
        name,
        { name, in: 'header', required: false, description: withSample(description, example), schema },
      ]),
  );
}
