import * as v from "valibot";
import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import { slugPattern } from "../../encoding/slug.ts";
import type { Author } from "../../promotion/identity.ts";

// What several documents of a pack have in them, in the form that it must have there.

export const text = v.pipe(v.string(), v.maxLength(2000));
export const slug = v.pipe(v.string(), v.regex(slugPattern));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const digest = v.custom<Sha256>(isSha256);

export const identity = v.strictObject({ issuer: text, subject: text });
export const account = v.strictObject({ provider: v.picklist(["github", "gitlab"]), id: text });
/** An author as records and manifests name one. */
export const author: v.GenericSchema<Author> = v.union([
  v.strictObject({ address: text }),
  v.strictObject({ account }),
  v.strictObject({ identity }),
]);
