import type { ErrorBody, Issue } from './shapes.ts';

/** The request id that all samples share. */
export const sampleRequestId = '58658c00-e3c1-4d10-860c-b1e7d210f5a8';

/** A sample of the answer to a request with these faults. */
export function faults(summary: string, ...issues: Issue[]): { summary: string; value: ErrorBody } {
  const [first = { message: 'The request is not valid.' }] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more, see metadata.issues)` : '';
  const metadata = { code: 'invalid_request', requestId: sampleRequestId, issues };
  return {
    summary,
    value: { success: false, error: { message: `${place(first)}${first.message}${more}`, metadata }, data: null },
  };
}

function place({ pointer, parameter }: Issue): string {
  if (parameter !== undefined) return `Query parameter "${parameter}": `;
  return pointer === undefined ? '' : `Body at ${pointer}: `;
}

/** A sample of a successful answer: the envelope around `data`. */
export function success(summary: string, data: unknown): { summary: string; value: unknown } {
  return { summary, value: { success: true, data, error: null } };
}

/** A sample of an error that has no list of issues. */
export function refusal(
  summary: string,
  code: string,
  message: string,
  details: object = {},
): { summary: string; value: ErrorBody } {
  const metadata = { code, requestId: sampleRequestId, ...details };
  return { summary, value: { success: false, error: { message, metadata }, data: null } };
}
