import type { Compilable, CompiledQuery, Kysely, RawBuilder } from 'kysely';
import type { Tables } from './tables.ts';

/** One value of a row as both drivers return it. */
export type Value = string | number | null | Uint8Array;

class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

type ParameterOf<P> = <K extends keyof P & string>(name: K) => P[K];
type Build<P> = (db: Kysely<Tables>, parameter: ParameterOf<P>) => Pick<Compilable, 'compile'>;

/**
 * A query written once in Kysely, compiled once for an engine, then run as a bare prepared statement: for the few
 * paths where building the query costs as much as running it (see docs/decisions/0004-hot-paths.md).
 */
export class PreparedQuery<P extends object> {
  readonly #build: Build<P>;
  readonly #compiled = new WeakMap<Kysely<Tables>, CompiledQuery>();

  constructor(build: Build<P>) {
    this.#build = build;
  }

  /** The statement's text for the engine behind `db`. */
  sql(db: Kysely<Tables>): string {
    return this.#compile(db).sql;
  }

  /** The values in the order of the statement's placeholders. */
  values(db: Kysely<Tables>, parameters: P): Value[] {
    return this.#compile(db).parameters.map((value) =>
      value instanceof Parameter ? (parameters[value.name as keyof P] as Value) : (value as Value),
    );
  }

  #compile(db: Kysely<Tables>): CompiledQuery {
    const known = this.#compiled.get(db);
    if (known) return known;
    const compiled = this.#build(db, (name) => new Parameter(name) as never).compile();
    this.#compiled.set(db, compiled);
    return compiled;
  }
}

/** Declares a prepared query: `prepared<{ id: string }>((db, parameter) => db.selectFrom(…).where('id', '=', parameter('id')))`. */
export function prepared<P extends object>(build: Build<P>): PreparedQuery<P> {
  return new PreparedQuery(build);
}

/** The same of SQL text, for statements that Kysely's builder has no words for. */
export function preparedSql<P extends object>(
  build: (parameter: ParameterOf<P>) => RawBuilder<unknown>,
): PreparedQuery<P> {
  return prepared<P>((db, parameter) => ({ compile: () => build(parameter).compile(db) }));
}
