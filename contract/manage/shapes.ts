import { type TSchema, Type } from 'typebox';
import { limits } from '../limits.ts';
import { commonErrors } from '../operation.ts';
import { described, envelope, nullable } from '../shapes.ts';

export const textRules = 'White space around it is trimmed; control characters are refused.';
export const longTextRules =
  'White space around it is trimmed, line breaks are kept as line feeds; other control characters are refused.';

/** One answer of a list that is paged by cursor, in the envelope. */
export function listOf<S extends TSchema>(item: S, $id: string, description: string) {
  return envelope(
    Type.Object(
      {
        items: Type.Array(item, { description }),
        next: described(
          nullable(Type.String()),
          'Cursor of what follows: send it as `cursor`. Null where this is the end of the list.',
        ),
      },
      { description: 'A stretch of the list.' },
    ),
    { $id, description: `A stretch of a list. ${description}` },
  );
}

/** Parameters of a list that is paged by cursor. */
export const listQuery = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.listLimitMax,
      default: limits.listLimitDefault,
      description: 'Greatest number of items in one answer.',
      examples: [50],
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Where to go on: `next` of the answer before, as it came. Keep the filters the same along the way. Without it: from the beginning.',
      examples: ['MS5tb2R1bGVzLjE0LjE3OTU1'],
    }),
  ),
};

/** Parameters and members of this API's descriptions that many operations share. */
export const listRules =
  'Walk along `next` until it is null: everything that is there throughout the walk is met exactly once, even while things are added.';

/** Errors of an operation on one thing. */
export const readErrors = [...commonErrors, 'not_found'] as const;

/** Errors of an operation that changes one thing without a body. */
export const actErrors = [...readErrors, 'conflict', 'insufficient_storage'] as const;

const bodyErrors = ['payload_too_large', 'unsupported_media_type', 'insufficient_storage'] as const;

/** Errors of an operation that changes one thing by its body. */
export const changeErrors = [...readErrors, 'conflict', ...bodyErrors] as const;

/** Errors of an operation that makes something on its own. */
export const createErrors = [...commonErrors, ...bodyErrors, 'idempotency_key_reused'] as const;

/** Errors of an operation that makes something that belongs to something else. */
export const addErrors = [...changeErrors, 'idempotency_key_reused'] as const;
