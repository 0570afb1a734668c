import type { Requirements } from "../../core/approval/requirements.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/** The requirements that a promotion is pinned to, as they were kept when its review began: also once others are in force. */
export async function keptRequirements(
  blobs: { get(sha256: Sha256): Promise<Uint8Array> },
  { requirements }: Pick<Promotion, "requirements">,
): Promise<Requirements> {
  return JSON.parse(fromUtf8(await blobs.get(requirements.sha256))) as Requirements;
}
