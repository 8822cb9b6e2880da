import { type ErrorCode, errorCatalog } from '@rollcall/contract/errors.ts';
import type { ErrorBody } from '@rollcall/contract/shapes.ts';
import { expect } from 'vitest';
import type { Reply } from './request.ts';

/** Traces of the inside that no error may show. */
const INSIDE = /\bat .+\.(ts|js):\d|node_modules|node:internal|\bselect\b.+\bfrom\b|\binsert into\b|SQLITE|FST_ERR/i;

/** Checks an error to the letter of the contract's envelope, whatever its code, and answers what it says. */
export function expectError(reply: Reply, code: ErrorCode): ErrorBody['error'] {
  expect([reply.status, reply.text]).toEqual([errorCatalog[code].status, expect.stringContaining(`"code":"${code}"`)]);
  expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(reply.headers['content-encoding']).toBeUndefined();
  expect(reply.headers.etag).toBeUndefined();
  const body = reply.json<ErrorBody>();
  expect(Object.keys(body)).toEqual(['success', 'error', 'data']);
  expect(Object.keys(body.error)).toEqual(['message', 'metadata']);
  expect(body).toMatchObject({ success: false, data: null, error: { metadata: { code } } });
  expect(body.error.message).toMatch(/\S/);
  expect(body.error.metadata.requestId).toMatch(/^\S+$/);
  expect(reply.headers['x-request-id']).toBe(body.error.metadata.requestId);
  expect(reply.text).not.toMatch(INSIDE);
  return body.error;
}

/** Checks that a request was refused as invalid; answers each fault as `place: message`. */
export function expectIssues(reply: Reply): string[] {
  const { metadata } = expectError(reply, 'invalid_request');
  return (metadata.issues ?? []).map(
    ({ pointer, parameter, header, message }) => `${pointer ?? parameter ?? header}: ${message}`,
  );
}
