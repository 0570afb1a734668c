import type { Instant } from "../../../../core/encoding/instant.ts";
import type { KnownText } from "./known-keys.ts";
import type { FileVerification } from "./verify-file.ts";

/** What the page asks the verifier for. */
export interface VerifierRequest {
  readonly file: File;
  /** What people were answered as they signed, and kept. */
  readonly receipts: readonly File[];
  readonly known: KnownText;
  readonly now: Instant;
}

/** What the verifier answers, any number of `reading` first. */
export type VerifierAnswer =
  | { readonly kind: "reading"; readonly bytes: number }
  | ({ readonly kind: "verified" } & FileVerification)
  /** What the reader typed, or gave beside the pack, is not what it should be. */
  | { readonly kind: "unreadable-keys"; readonly sentence: string }
  | { readonly kind: "failed"; readonly sentence: string };
