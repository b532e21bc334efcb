/** Statuses that must not have a body, by the Fetch standard. */
export const NULL_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);
