/** Why a SCIM request is refused: the words of RFC 7644, table 9, and those for which it has a status only. */
export type ScimFault =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'tooMany'
  | 'uniqueness'
  | 'circular'
  | 'forbidden'
  | 'notFound'
  | 'notSupported'
  | 'tooLarge'
  | 'versionMismatch';

/** A SCIM request that is refused for a reason its caller can act on; the message is public. Knows no HTTP. */
export class ScimRefusal extends Error {
  override readonly name = 'ScimRefusal';
  readonly fault: ScimFault;

  constructor(fault: ScimFault, detail: string) {
    super(detail);
    this.fault = fault;
  }
}

const SHOWN_MAX = 80;

/** What was sent, in quotes and shortened, for a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  const characters = [...text.slice(0, 2 * SHOWN_MAX)];
  return characters.length > SHOWN_MAX ? `${characters.slice(0, SHOWN_MAX).join('')}…` : text;
}
