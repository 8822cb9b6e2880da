import { accountOperations } from '@rollcall/contract/account.ts';
import { limits } from '@rollcall/contract/limits.ts';
import type { Operation } from '@rollcall/contract/operation.ts';
import { ErrorBody, Issue } from '@rollcall/contract/shapes.ts';

/** What of JSON Schema the contract uses. */
interface Schema {
  readonly $id?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

const HEAD = `// Written by \`npm run openapi\` from the contract, so that the package needs nothing else: do not edit.
`;

/** The source of src/api-types.ts: the contract's shapes as plain types, its addresses and limits. */
export function contractTypes(): string {
  const types = new NamedTypes();
  types.add(Issue as Schema);
  types.add(ErrorBody as Schema);
  for (const operation of accountOperations as readonly Operation[]) {
    for (const schema of bodiesOf(operation)) types.add(schema);
    if (operation.query) types.declare(`${capitalized(operation.id)}Query`, operation.query as Schema);
  }
  const operations = accountOperations.map(({ id, method, path }) => [id, { method, path }] as const);
  const { batchUsersMax } = limits;
  return [
    HEAD,
    ...types.sources,
    constant('operations', Object.fromEntries(operations)),
    constant('limits', { batchUsersMax }),
  ].join('\n');
}

function bodiesOf({ body, responses }: Operation): Schema[] {
  const answers = Object.values(responses).map(({ content }) => content?.['application/json']?.schema);
  return [body, ...answers].filter((schema) => schema !== undefined) as Schema[];
}

function constant(name: string, value: unknown): string {
  return `export const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Every schema that has an `$id` becomes a type of that name, once. */
class NamedTypes {
  readonly sources: string[] = [];
  readonly #names = new Set<string>();

  add(schema: Schema): void {
    if (schema.$id !== undefined) this.declare(schema.$id, schema);
    else this.typeOf(schema, '');
  }

  declare(name: string, schema: Schema): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const type = this.#unnamed(schema, '');
    const head = comment(schema.description, '');
    this.sources.push(
      schema.properties ? `${head}export interface ${name} ${type}\n` : `${head}export type ${name} = ${type};\n`,
    );
  }

  typeOf(schema: Schema, indent: string): string {
    if (schema.$id === undefined) return this.#unnamed(schema, indent);
    this.declare(schema.$id, schema);
    return schema.$id;
  }

  #unnamed(schema: Schema, indent: string): string {
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
    const types = [schema.type ?? 'unknown'].flat();
    return types.map((type) => this.#ofType(type, schema, indent)).join(' | ');
  }

  #ofType(type: string, schema: Schema, indent: string): string {
    if (type === 'integer') return 'number';
    if (type === 'array') return `Array<${this.typeOf(schema.items ?? {}, indent)}>`;
    if (type === 'object') return this.#object(schema, indent);
    return type;
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema, indent: string): string {
    const inner = `${indent}  `;
    const members = Object.entries(properties).map(([name, schema]) => {
      const mark = required.includes(name) ? '' : '?';
      return `${comment(schema.description, inner)}${inner}${name}${mark}: ${this.typeOf(schema, inner)};\n`;
    });
    if (additionalProperties === true) members.push(`${inner}[member: string]: unknown;\n`);
    return `{\n${members.join('')}${indent}}`;
  }
}

function comment(text: string | undefined, indent: string): string {
  return text === undefined ? '' : `${indent}/** ${text.replaceAll('*/', '*\\/')} */\n`;
}
