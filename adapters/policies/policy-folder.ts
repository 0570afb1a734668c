import { readFileSync } from "node:fs";
import { base64 } from "../../core/encoding/base64.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { Failure } from "../../core/failure.ts";
import { loadPolicies, type Policies } from "../../core/policy/load-policies.ts";
import { bundledTexts, bundledWasm, bundleOf, type PolicyBundle } from "../../core/policy/policy-bundle.ts";

/** Everything in the folder policies/, read and checked. */
export type PolicyFolder = Policies;

/**
 * Reads the policies that lie beside a function's bundle. A file that does not load stops the function: no promotion
 * is judged by half a policy. Throws `invalid-policy` with the file and the line.
 */
export function readPolicyFolder(folder: URL): PolicyFolder {
  return loadPolicies(readPolicyFiles(folder));
}

/** The files of a folder of policies, as they are. */
export function readPolicyFiles(folder: URL): PolicyBundle {
  const text = (name: string) => policyText(name, readFileSync(new URL(name, folder)));
  return bundleOf({
    ...Object.fromEntries(bundledTexts.map((name) => [name, text(name)])),
    [bundledWasm]: base64(readFileSync(new URL(bundledWasm, folder))),
  });
}

/**
 * The text of the file that its reader calls `name`. Throws `invalid-policy` with the line where it is not UTF-8: read all the
 * same, each such character would become another, and a group's name one that nobody has.
 */
export function policyText(name: string, bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    const line = Buffer.from(bytes).toString("utf8").split("\ufffd", 1).join("").split("\n").length;
    throw new Failure("invalid-policy", `${name}:${line}: This is no UTF-8: save the file in that encoding.`, {
      cause,
    });
  }
}
