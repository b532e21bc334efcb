/** Statuses of success whose answers may have no body, whatever was declared. */
export const MAY_BE_EMPTY: readonly number[] = [202, 204, 205, 304];
