/** Resources on one page: the most, and how many where nothing is said. */
export const PAGE_MAX = 200;
export const PAGE_DEFAULT = 100;

/** Operations of one bulk. */
export const BULK_OPERATIONS_MAX = 1_000;

/** Size of a body: a group of 10,000 members with their addresses and names fits into it. */
export const BODY_BYTES_MAX = 4_194_304;
