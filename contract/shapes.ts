import { type Static, type TSchema, Type } from 'typebox';

/**
 * RFC 3339 date-time. In answers always UTC, whole seconds and `Z`: `2024-06-15T14:00:00Z`. In requests any offset and
 * fractions of a second are taken (contract: Dates).
 */
export const DateTime = Type.String({ format: 'date-time' });
export type DateTime = Static<typeof DateTime>;

/** RFC 9562 UUID, lower case in answers. */
export const Uuid = Type.String({ format: 'uuid' });
export type Uuid = Static<typeof Uuid>;

/** The same schema with a description for the place where it is used. */
export function described<S extends TSchema>(schema: S, description: string, more: object = {}): S {
  return Type.With(schema, { ...more, description }) as S;
}

/**
 * The schema, or null. One `type` list instead of `anyOf`: the same to a validator, but it gives one fault instead of
 * three, and reads better.
 */
export function nullable<S extends TSchema & { type: string }>(schema: S) {
  return Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, 'null'] });
}

/** One of a few words. With its `type` beside the list, so that a value of another type is one fault and reads better. */
export function choice<const W extends string>(words: readonly W[], options: object) {
  return Type.Unsafe<W>({ type: 'string', enum: [...words], ...options });
}

/** `success` of an answer that is no error. */
export const Succeeded = Type.Literal(true, { description: 'Always true in a successful answer.' });

/** The envelope of a successful answer: `{"success":true,"data":…,"error":null}`. */
export function envelope<S extends TSchema>(data: S, options: { $id: string; description: string }) {
  const error = Type.Null({ description: 'Always null in a successful answer.' });
  return Type.Object({ success: Succeeded, data, error }, options);
}

/** One fault of a request, with its place: exactly one of `pointer`, `parameter` and `header`, and a message. */
export const Issue = Type.Object(
  {
    pointer: Type.Optional(
      Type.String({
        description: 'Place in the body, as a JSON Pointer (RFC 6901). The empty string is the body itself.',
        examples: ['/users/3/active'],
      }),
    ),
    parameter: Type.Optional(Type.String({ description: 'Name of the query parameter.', examples: ['pageSize'] })),
    header: Type.Optional(Type.String({ description: 'Name of the header.', examples: ['Idempotency-Key'] })),
    message: Type.String({
      description: 'What is wrong there, for a person.',
      examples: ['must be a boolean, not a string'],
    }),
  },
  {
    $id: 'Issue',
    description:
      'One fault of a request. Exactly one of `pointer`, `parameter` and `header` says where it is, `message` what it is.',
  },
);
export type Issue = Static<typeof Issue>;

/** The body of every error (contract: Fixed by the reference, Errors). `metadata` is open: members may be added. */
export const ErrorBody = Type.Object(
  {
    success: Type.Literal(false, { description: 'Always false in an error.' }),
    error: Type.Object(
      {
        message: Type.String({ description: 'What went wrong, for a person. The wording may change at any time.' }),
        metadata: Type.Object(
          {
            code: Type.String({
              description:
                'Stable word for the kind of error: decide on this one. New codes may be added; treat an unknown one by its HTTP status.',
              examples: ['invalid_request'],
            }),
            requestId: Type.String({ description: 'The same as the `X-Request-Id` header.' }),
            issues: Type.Optional(
              Type.Array(Issue, { description: 'Every fault of the request. Only with `invalid_request`.' }),
            ),
          },
          { additionalProperties: true, description: 'Facts about the error, for programs. Members may be added.' },
        ),
      },
      { description: 'What went wrong.' },
    ),
    data: Type.Null({ description: 'Always null in an error.' }),
  },
  { $id: 'ErrorBody', description: 'The body of every error.' },
);
export type ErrorBody = Static<typeof ErrorBody>;
