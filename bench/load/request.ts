/** What a request is made of; the host is of no interest to anyone here. */
export interface RequestParts {
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
}

/** A request as the bytes that go over the wire, made before the clock starts. */
export function requestBytes({ method = 'GET', path, key, headers = {}, body }: RequestParts): Buffer {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: bench'];
  if (key !== undefined) lines.push(`Authorization: Bearer ${key}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) {
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}
