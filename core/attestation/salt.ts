import * as v from "valibot";

/** What makes a statement like no other, and its digest no guess: 16 random bytes in base64url, of which the last digit has four bits over. */
export const saltSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, "must be 16 random bytes in base64url"),
);
