import { fromBase64 } from "../../../core/encoding/base64.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { ApiClient, Problem } from "../api/client.ts";
import type { EvidencePart } from "../api/contract.ts";

/** An evidence document as it came, and whether its bytes are those that were asked for: hashed here. */
export interface EvidenceDocument extends Pick<EvidencePart, "name" | "kind" | "format"> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly verified: boolean;
}

/** Reads all parts of a document. */
export async function readEvidence(
  client: ApiClient,
  promotion: string,
  sha256: string,
): Promise<EvidenceDocument | Problem> {
  const parts: Uint8Array[] = [];
  let offset: number | undefined = 0;
  let first: EvidencePart | undefined;
  while (offset !== undefined) {
    const path: string = `/v1/promotions/${promotion}/evidence/${sha256}?offset=${offset}`;
    const reply = await client.get<EvidencePart>(path);
    if (reply.kind === "problem") return reply.problem;
    first ??= reply.value;
    parts.push(fromBase64(reply.value.content));
    offset = reply.value.next;
  }
  const bytes = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  const { name = "", kind = "drift", format = "" } = first ?? {};
  return { name, kind, format, bytes, verified: sha256Hex(bytes) === sha256 };
}

/** More than this is nothing to read in a page; the file has it all. */
const longestText = 200_000;

/** The document as text, JSON with line breaks; `undefined` where it is none. */
export function readableText(bytes: Uint8Array): { readonly text: string; readonly cut: boolean } | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
  try {
    text = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  return { text: text.slice(0, longestText).toWellFormed(), cut: text.length > longestText };
}
