import type { Progress } from "../../core/deployment/deployment-target.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { wellFormed } from "../../core/encoding/well-formed.ts";
import type { Attachment } from "../../core/promotion/fact.ts";

/** What the target said, kept before anything names it. */
export async function keepProgress(
  blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> },
  { kind, evidence }: Pick<Progress, "kind" | "evidence">,
  at: Instant,
): Promise<Attachment> {
  const mediaType = "application/json";
  const bytes = canonicalJsonBytes(wellFormed({ progress: kind, readAt: at, ...evidence }));
  return { name: "deployment.json", mediaType, sha256: await blobs.put(bytes, mediaType) };
}
