import { utf8 } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";

/** What parsers tell a reviver beside name and value: https://tc39.es/proposal-json-parse-with-source/ */
type Reviver = (name: string, value: unknown, context?: { readonly source?: string }) => unknown;

/**
 * Digest of what a plan in JSON says, whatever blanks it is printed with and in whatever order its members are. Numbers
 * count as they are written: two that are the same only to a computer are not the same plan. `undefined` where it is no JSON.
 */
export function planContentDigest(text: string): Sha256 | undefined {
  const exact: Reviver = (_, value, context) =>
    typeof value === "number" ? { number: context?.source ?? "unknown" } : value;
  try {
    return sha256Hex(utf8(canonicalJson(JSON.parse(text, exact))));
  } catch {
    return undefined;
  }
}
