import * as v from "valibot";
import { type NoteKey, parseVerifierKey } from "../../core/ledger/note-key.ts";

// A cosignature proves itself; what stands on the way could only withhold it, and on one's own machine nothing does.
const url = v.pipe(v.string(), v.url(), v.regex(/^(https:\/\/|http:\/\/127\.0\.0\.1:)/, "must be an https address"));
const configured = v.array(v.strictObject({ url, key: v.string() }));

/** The witnesses of the deployment's parameter, JSON `[{"url","key"}]`: submission prefix and verifier key of each. */
export function configuredWitnesses(json: string): readonly { readonly url: string; readonly key: NoteKey }[] {
  return v.parse(configured, JSON.parse(json)).map((each) => ({ url: each.url, key: parseVerifierKey(each.key) }));
}
