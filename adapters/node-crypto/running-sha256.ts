import { createHash } from "node:crypto";
import type { Sha256 } from "../../core/encoding/sha256.ts";

/** A SHA-256 over bytes as they come. */
export function startSha256(): { update(bytes: Uint8Array): void; digest(): Sha256 } {
  const hash = createHash("sha256");
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest("hex") as Sha256,
  };
}
