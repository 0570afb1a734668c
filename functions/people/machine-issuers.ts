import * as v from "valibot";
import { Failure } from "../../core/failure.ts";

const issuer = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty()),
  issuer: v.pipe(v.string(), v.url()),
  audience: v.pipe(v.string(), v.nonEmpty()),
  jwksUri: v.pipe(v.string(), v.url()),
});
type MachineIssuer = v.InferOutput<typeof issuer>;

/** Of two entries for one issuer one would be forgotten, and by one name for two the one's pipelines would be taken for the other's. */
const schema = v.pipe(
  v.array(issuer),
  v.check((issuers) => isEachOnce(issuers, "name") && isEachOnce(issuers, "issuer")),
);

export type MachineIssuers = v.InferOutput<typeof schema>;

/** Reads the deployment's parameter MachineIssuers. Throws `invalid-policy`: a function with half a list must not start. */
export function readMachineIssuers(text: string): MachineIssuers {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new Failure(
      "invalid-policy",
      "The parameter MachineIssuers is not a JSON list of name, issuer, audience and jwksUri, each name and each issuer once.",
      { cause },
    );
  }
}

function isEachOnce(issuers: readonly MachineIssuer[], member: "name" | "issuer"): boolean {
  return new Set(issuers.map((each) => each[member])).size === issuers.length;
}
