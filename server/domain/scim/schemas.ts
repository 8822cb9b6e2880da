/** The names of what SCIM defines (RFC 7643 and 7644). */
export const USER_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH_MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const BULK_MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
export const SEARCH_MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

export type ResourceSchema = typeof USER_SCHEMA | typeof GROUP_SCHEMA;
