/** Scopes of the Account API: what a key may do that was made without naming scopes (domain: API key). */
export const accountScopes = ['users:read', 'users:write', 'clusters:read', 'completions:read'] as const;

/** Every scope that an API key can bear. `scim` opens the SCIM door, `manage` the management API. */
export const allScopes = [...accountScopes, 'scim', 'manage'] as const;

/** One thing that an API key allows; an operation names the one it needs. */
export type Scope = (typeof allScopes)[number];
