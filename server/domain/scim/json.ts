import { ScimRefusal, shown } from './refusal.ts';

/** A JSON object, read by the names that it has itself, without case (RFC 7643, section 2.1). */
export class JsonObject {
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(value: object) {
    this.#members = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member]));
  }

  get(name: string): unknown {
    return this.#members.get(name.toLowerCase());
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON object; refuses anything else with `invalidSyntax`. */
export function objectOf(value: unknown, what: string): JsonObject {
  if (isObject(value)) return new JsonObject(value);
  throw new ScimRefusal('invalidSyntax', `${what} must be a JSON object, not ${shown(value)}.`);
}

/** A list of objects; refuses anything else with `invalidValue`. One object alone counts as a list of it. */
export function objectsOf(value: unknown, attribute: string): JsonObject[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (isObject(item)) return new JsonObject(item);
    throw new ScimRefusal('invalidValue', `${attribute} must be a list of objects with a "value", not ${shown(item)}.`);
  });
}

/** Makes sure that a message is of the schema that its address takes. */
export function requireSchema(body: JsonObject, schema: string): void {
  const schemas = body.get('schemas');
  const isNamed = Array.isArray(schemas) && schemas.some((name) => String(name).toLowerCase() === schema.toLowerCase());
  if (!isNamed) throw new ScimRefusal('invalidSyntax', `"schemas" must hold ${shown(schema)}.`);
}
