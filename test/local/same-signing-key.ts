import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signingKeyAt } from "../../local/signing-key.ts";

let kept: string | undefined;

/**
 * Has an issuer whose state lies in `directory` sign with the key of the first one of this process. Making an RSA key takes longer
 * than most of what is then signed with it, and no test is about whose it is: each issuer has an address of its own.
 */
export function signAsBefore(directory: string): void {
  const path = join(directory, "signing-key.json");
  if (kept !== undefined) writeFileSync(path, kept, { mode: 0o600 });
  signingKeyAt(path);
  kept ??= readFileSync(path, "utf8");
}
