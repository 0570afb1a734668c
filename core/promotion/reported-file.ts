import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { DeclaredFile } from "./request.ts";

/** Throws `digest-mismatch` unless these are the bytes that were declared. */
export function requireDeclared(file: Pick<DeclaredFile, "name" | "sha256" | "size">, bytes: Uint8Array): Sha256 {
  const sha256 = sha256Hex(bytes);
  if (sha256 === file.sha256 && bytes.length === file.size) return sha256;
  throw new Failure(
    "digest-mismatch",
    `The bytes of '${file.name}' are not the declared ones: they do not hash to ${file.sha256}.`,
  );
}
