import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import type { ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import { parseEnvelope } from "../../../core/attestation/dsse.ts";
import { base64, fromBase64 } from "../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { reviewOf, told } from "./told.ts";
import { stepOf } from "./told-steps.ts";

export const deployed = await reviewOf(told.deployed);
export const lent = await reviewOf(told.lent);
export const read: ReadDocument = async (sha256) => told.house.blobs.get(sha256);
export const verdict = stepOf(deployed.steps, "verdict");

export interface Said {
  readonly predicate: Record<string, unknown> & {
    readonly verifiedLevels: readonly string[];
    readonly inputAttestations: readonly { readonly uri: string }[];
  };
}

/** The verdict of a step, saying something else; signed by whoever. */
export function saying({ record }: Step, change: (predicate: Said["predicate"]) => object): ReadDocument {
  const attachment = record.attachments.find(({ name }) => name === "verdict.dsse.json");
  const bytes = attachment === undefined ? undefined : told.house.blobs.get(attachment.sha256);
  const envelope = parseEnvelope(JSON.parse(fromUtf8(bytes ?? utf8("null"))));
  const statement: Said = JSON.parse(fromUtf8(fromBase64(envelope.payload)));
  const payload = canonicalJsonBytes({ ...statement, predicate: change(statement.predicate) });
  return async () => canonicalJsonBytes({ ...envelope, payload: base64(payload) });
}
