import { readFileSync } from "node:fs";
import { base64 } from "../../core/encoding/base64.ts";
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
  const text = (name: string) => readFileSync(new URL(name, folder), "utf8");
  return bundleOf({
    ...Object.fromEntries(bundledTexts.map((name) => [name, text(name)])),
    [bundledWasm]: base64(readFileSync(new URL(bundledWasm, folder))),
  });
}
