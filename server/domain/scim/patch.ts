import { parsePath, type TargetPath } from './filter.ts';
import { isObject, type JsonObject, objectOf, requireSchema } from './json.ts';
import { localName } from './path.ts';
import { ScimRefusal, shown } from './refusal.ts';
import { PATCH_MESSAGE, type ResourceSchema } from './schemas.ts';

/** One change of a PATCH: what came without a path, or as an object with several members, is several of them. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: TargetPath;
  /** The path within the resource, such as `name.givenname`, without its filter; null where it is of another schema. */
  readonly name: string | null;
  /** undefined: none was sent. */
  readonly value: unknown;
  /** As it was sent, for messages. */
  readonly text: string;
}

/** Operations of one PATCH, after objects have been taken apart. */
const OPERATIONS_MAX = 1_000;

/** The operations of a PATCH, in every spelling that identity providers send. */
export function readPatch(body: JsonObject, schema: ResourceSchema): PatchOperation[] {
  requireSchema(body, PATCH_MESSAGE);
  const sent = body.get('Operations');
  if (!Array.isArray(sent) || sent.length === 0) {
    throw new ScimRefusal('invalidSyntax', '"Operations" must be a list with at least one operation.');
  }
  if (sent.length > OPERATIONS_MAX) {
    throw new ScimRefusal(
      'tooLarge',
      `A PATCH may have at most ${OPERATIONS_MAX} operations; send the rest in another.`,
    );
  }
  return sent.flatMap((operation) => readOperation(objectOf(operation, 'An operation'), schema));
}

function readOperation(operation: JsonObject, schema: ResourceSchema): PatchOperation[] {
  const op = String(operation.get('op')).toLowerCase();
  if (op !== 'add' && op !== 'replace' && op !== 'remove') {
    throw new ScimRefusal('invalidSyntax', `"op" must be add, replace or remove, not ${shown(operation.get('op'))}.`);
  }
  const path = operation.get('path') ?? '';
  const value = operation.get('value');
  if (typeof path !== 'string') throw new ScimRefusal('invalidPath', `"path" must be a text, not ${shown(path)}.`);
  if (op !== 'remove' && value === undefined) {
    throw new ScimRefusal('invalidValue', `The ${op} of ${shown(path)} has no "value".`);
  }
  if (path.trim() !== '') return [operationOf(op, path, value, schema)];
  if (op === 'remove') throw new ScimRefusal('noTarget', 'A remove needs a "path".');
  if (!isObject(value)) {
    throw new ScimRefusal('invalidValue', `Without a "path", "value" must be an object, not ${shown(value)}.`);
  }
  return membersOf(value, schema).map(([name, member]) => operationOf(op, name, member, schema));
}

/** The members of an object, and of an object that stands below the name of the resource's own schema. */
function membersOf(value: Record<string, unknown>, schema: ResourceSchema): [string, unknown][] {
  return Object.entries(value).flatMap(([name, member]) => {
    if (name.toLowerCase() === schema.toLowerCase() && isObject(member)) return Object.entries(member);
    return name.toLowerCase() === 'schemas' ? [] : [[name, member] as [string, unknown]];
  });
}

function operationOf(op: PatchOperation['op'], text: string, value: unknown, schema: ResourceSchema): PatchOperation {
  const path = parsePath(text);
  return { op, path, name: localName(path, schema), value: value === undefined ? null : value, text };
}

/** Refuses a change of what nobody may change (`mutability`). */
export function readOnly(text: string, remedy: string): ScimRefusal {
  return new ScimRefusal('mutability', `${shown(text)} cannot be changed: ${remedy}.`);
}

/** Refuses a PATCH of which nothing is known here: silence would look like success. */
export function nothingKnown(operations: readonly PatchOperation[], known: string): ScimRefusal {
  const paths = operations.slice(0, 5).map(({ text }) => shown(text));
  return new ScimRefusal('invalidPath', `Nothing here is called ${paths.join(', ')}. What can be changed: ${known}.`);
}
