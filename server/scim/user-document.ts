/** The members of a user's document, each as the JSON text that it is there; the id alone without its quotes. */
export interface DocumentParts {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly active: string;
  readonly remoteId: string;
}

const NAMES = ['id', 'firstName', 'lastName', 'email', 'active', 'remoteId'] as const;

/**
 * Cuts a document, as it is stored, at the names of its members. They cannot occur within a value, where each quote has
 * a backslash before it. Documents of another make, should there ever be such, are read as JSON.
 */
export function documentParts(document: string): DocumentParts {
  const first = document.indexOf('","firstName":');
  const last = document.indexOf(',"lastName":', first);
  const email = document.indexOf(',"email":', last);
  const active = document.indexOf(',"active":', email);
  const remote = document.indexOf(',"remoteId":', active);
  if (!document.startsWith('{"id":"') || first < 0 || last < 0 || email < 0 || active < 0 || remote < 0) {
    return partsOfJson(document);
  }
  return {
    id: document.slice(7, first),
    firstName: document.slice(first + 14, last),
    lastName: document.slice(last + 12, email),
    email: document.slice(email + 9, active),
    active: document.slice(active + 10, remote),
    remoteId: document.slice(remote + 12, -1),
  };
}

function partsOfJson(document: string): DocumentParts {
  const user = JSON.parse(document) as Record<(typeof NAMES)[number], unknown>;
  const parts = NAMES.map((name) => [name, name === 'id' ? user.id : JSON.stringify(user[name])] as const);
  return Object.fromEntries(parts) as unknown as DocumentParts;
}
