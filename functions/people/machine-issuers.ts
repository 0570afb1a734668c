import * as v from "valibot";
import { Failure } from "../../core/failure.ts";

const schema = v.array(
  v.strictObject({
    name: v.pipe(v.string(), v.nonEmpty()),
    issuer: v.pipe(v.string(), v.url()),
    audience: v.pipe(v.string(), v.nonEmpty()),
    jwksUri: v.pipe(v.string(), v.url()),
  }),
);

export type MachineIssuers = v.InferOutput<typeof schema>;

/** Reads the deployment's parameter MachineIssuers. Throws `invalid-policy`: a function with half a list must not start. */
export function readMachineIssuers(text: string): MachineIssuers {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new Failure(
      "invalid-policy",
      "The parameter MachineIssuers is not a JSON list of name, issuer, audience and jwksUri.",
      { cause },
    );
  }
}
