import * as v from "valibot";
import type { Json } from "../encoding/canonical-json.ts";
import { Failure } from "../failure.ts";

/** The name under which the record of a deployment's beginning keeps the environment artifact, by which its image is told again. */
export const environmentDocument = "environment.json";

const schema = v.object({
  image: v.object({
    reference: v.pipe(
      v.string(),
      v.maxLength(255),
      v.regex(/^[a-z0-9][a-zA-Z0-9./_-]*@sha256:[0-9a-f]{64}$/, "must name the image by its sha256 digest"),
    ),
  }),
});

/**
 * The container image that an environment artifact asks for, always by digest. Throws `deployment-refused` for a
 * document that names none, or names one by a tag, which could mean another image tomorrow.
 *
 * @param environment its JSON, in which no member stands twice: another reader might take the other image
 */
export function servingImage(environment: Json): string {
  const result = v.safeParse(schema, environment);
  if (!result.success) {
    throw new Failure(
      "deployment-refused",
      "The environment artifact does not name a container image by digest (image.reference).",
    );
  }
  return result.output.image.reference;
}
