import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from '../domain/refusal.ts';
import { type JsonObject, objectOf } from '../domain/scim/json.ts';
import { ScimRefusal } from '../domain/scim/refusal.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON object that a body holds; refuses with `invalidSyntax` what is none. */
export function readBody(bytes: Buffer, headers: IncomingHttpHeaders): JsonObject {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding !== 'identity') {
    throw new Refusal('unsupported_media_type', 'The body must not be compressed. Send it without Content-Encoding.');
  }
  return objectOf(parse(bytes), 'The body');
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message.slice(0, 200) : 'it is not valid UTF-8';
    throw new ScimRefusal('invalidSyntax', `The body is not valid JSON: ${reason}.`);
  }
}
