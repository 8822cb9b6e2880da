import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Issue, invalid } from '../domain/refusal.ts';

/** Reads a short JSON body by its schema; refuses with `invalid_request` and the JSON pointer of every fault. */
export function jsonReader<Schema extends TSchema>(schema: Schema): (body: unknown) => Static<Schema> {
  const validator = Compile(schema);
  return (body) => {
    const value = parse(body);
    if (validator.Check(value)) return value as Static<Schema>;
    const issues: Issue[] = [];
    for (const { keyword, instancePath: pointer, message } of validator.Errors(value)) {
      if (keyword === 'additionalProperties') continue;
      issues.push({ pointer, message: keyword === 'boolean' ? 'is an unknown field; leave it out' : message });
    }
    throw invalid(issues);
  };
}

function parse(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '');
  } catch {
    throw invalid([{ pointer: '', message: 'is not JSON; send a JSON object' }]);
  }
}
