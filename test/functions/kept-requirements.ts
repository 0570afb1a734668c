import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { requirements } from "../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "./memory-blobs.ts";

/** The ledger's bucket with the requirements that the promotion of the tests is pinned to, as its gates keep them. */
export function keptRequirements(): MemoryBlobs {
  return new MemoryBlobs([canonicalJsonBytes(requirements.document)]);
}
