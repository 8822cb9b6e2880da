import type { ErrorCode } from '@rollcall/contract/errors.ts';

/** What the error body's `metadata` says beyond code and request id, for example the list of `issues`. */
export type RefusalDetails = Readonly<Record<string, unknown>>;

/** A request that is refused for a reason its caller can act on; the message is public. Knows no HTTP. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ErrorCode;
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, message: string, details: RefusalDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** One fault of a request: where it is and what to do about it. */
export type Issue =
  | { readonly pointer: string; readonly message: string }
  | { readonly parameter: string; readonly message: string }
  | { readonly header: string; readonly message: string };

/** Refuses bad input, naming every fault; the message repeats the first for those who read nothing else. */
export function invalid(issues: readonly Issue[]): Refusal {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, see metadata.issues)` : '';
  return new Refusal('invalid_request', `${first ? describe(first) : 'The request is not valid.'}${more}`, { issues });
}

function describe(issue: Issue): string {
  if ('parameter' in issue) return `Query parameter "${issue.parameter}": ${issue.message}`;
  if ('header' in issue) return `Header "${issue.header}": ${issue.message}`;
  return issue.pointer === '' ? `Body: ${issue.message}` : `Body at ${issue.pointer}: ${issue.message}`;
}
