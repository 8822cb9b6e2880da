/** An attribute as RFC 7643, section 7 describes it. */
type Attribute = Readonly<Record<string, unknown>>;

function attribute(name: string, description: string, others: Attribute = {}): Attribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...others,
  };
}

const externalId = attribute('externalId', 'The id in the directory; `remoteId` in the Account API.', {
  caseExact: true,
  uniqueness: 'server',
});

/** What is kept of a user. */
export const userAttributes: readonly Attribute[] = [
  attribute('userName', 'The name under which the person signs in, an email address as a rule.', {
    required: true,
    uniqueness: 'server',
  }),
  externalId,
  attribute('name', 'The parts of the name.', {
    type: 'complex',
    subAttributes: [
      attribute('formatted', 'The whole name, made of the parts.', { mutability: 'readOnly' }),
      attribute('givenName', 'The first name.'),
      attribute('familyName', 'The last name.'),
    ],
  }),
  attribute('displayName', 'The whole name, made of its parts.', { mutability: 'readOnly' }),
  attribute('active', 'Whether the person may take part.', { type: 'boolean' }),
  attribute('emails', 'The one address at which the person is reached.', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'The address.', { uniqueness: 'server' }),
      attribute('type', 'Always "work".', { canonicalValues: ['work'], mutability: 'readOnly' }),
      attribute('primary', 'Always true.', { type: 'boolean', mutability: 'readOnly' }),
    ],
  }),
];

/** What is kept of a group. */
export const groupAttributes: readonly Attribute[] = [
  attribute('displayName', 'The name of the group.', { required: true, uniqueness: 'server' }),
  externalId,
  attribute('members', 'The users in the group.', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'The id of the user.', { caseExact: true, mutability: 'immutable' }),
      attribute('$ref', 'The address of the user.', {
        type: 'reference',
        referenceTypes: ['User'],
        mutability: 'readOnly',
      }),
      attribute('type', 'Always "User".', { canonicalValues: ['User'], mutability: 'readOnly' }),
    ],
  }),
];
