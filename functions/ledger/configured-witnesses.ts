import * as v from "valibot";
import { Failure } from "../../core/failure.ts";
import { type NoteKey, parseVerifierKey } from "../../core/ledger/note-key.ts";

// A cosignature proves itself; what stands on the way could only withhold it, and on one's own machine nothing does.
const url = v.pipe(v.string(), v.url(), v.regex(/^(https:\/\/|http:\/\/127\.0\.0\.1:)/, "must be an https address"));
const key = v.pipe(v.string(), v.transform(parseVerifierKey));
const witnesses = v.array(v.strictObject({ url, key }));
const logs = v.array(key);

/**
 * The witnesses of the deployment's parameter, JSON `[{"url","key"}]`: submission prefix and verifier key of each. Throws
 * `invalid-policy`, as does what is below: a function with half a list must not start.
 */
export function configuredWitnesses(json: string): readonly { readonly url: string; readonly key: NoteKey }[] {
  return read(
    witnesses,
    json,
    "The parameter Witnesses is not a JSON list of url and key, an https address and a verifier key",
  );
}

/** The logs of a witness's own parameter, JSON: the verifier keys of each. */
export function watchedLogs(json: string): readonly NoteKey[] {
  return read(logs, json, "The parameter WatchedLogs is not a JSON list of verifier keys");
}

function read<const Schema extends v.GenericSchema>(
  schema: Schema,
  json: string,
  whatIsWrong: string,
): v.InferOutput<Schema> {
  try {
    return v.parse(schema, JSON.parse(json));
  } catch (cause) {
    const why = cause instanceof Failure ? `: ${cause.message}` : ".";
    throw new Failure("invalid-policy", `${whatIsWrong}${why}`, { cause });
  }
}
