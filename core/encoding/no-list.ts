import * as v from "valibot";

/**
 * Beside the members of an object all of which may be absent: valibot takes a list for such an object, since nothing that it must
 * have is missing from it. Every list has this member, and what is read may not.
 */
export const noList = { length: v.exactOptional(v.never()) };
