import { base64, fromBase64 } from "../encoding/base64.ts";
import { fromUtf8, utf8 } from "../encoding/bytes.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../encoding/generation.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";

/** Every file that policies consist of; a change of any of them is a change of the policies. */
export const bundledTexts = [
  "matrix.yaml",
  "thresholds.yaml",
  "targets.yaml",
  "machines.yaml",
  "people.yaml",
  "instance-types.yaml",
  "channels.yaml",
  "messages.yaml",
  "compiled/manifest.json",
] as const;
export const bundledWasm = "compiled/gates.wasm";

export type BundledText = (typeof bundledTexts)[number];

/** The files of a version of the policies: each text, and the compiled gates. */
export interface PolicyBundle {
  readonly texts: Readonly<Record<BundledText, string>>;
  readonly wasm: Uint8Array;
}

/** Compressed it must fit into one item of the table (400 KB); as text it must fit into one request (6 MB). */
export const largestBundle = 4 * 1024 * 1024;

/** The one document that a version of the policies is: canonical JSON, so that its digest names the version. */
export function bundleBytes({ texts, wasm }: PolicyBundle): Uint8Array {
  return canonicalJsonBytes({
    policyVersion: 1,
    files: { ...texts, [bundledWasm]: base64(wasm) },
  });
}

/** The digest by which a version of the policies is known. */
export function bundleDigest(bundle: PolicyBundle): Sha256 {
  return sha256Hex(bundleBytes(bundle));
}

/** Reads such a document. Throws `invalid-policy` unless it is one, byte for byte; `newer-version` for a later one. */
export function readBundle(bytes: Uint8Array): PolicyBundle {
  if (bytes.byteLength > largestBundle)
    throw new Failure("invalid-policy", `The policies have ${bytes.byteLength} bytes; at most ${largestBundle} work.`);
  const document = parsed(bytes);
  refuseNewer("policies.json", versionIn(document, "policyVersion"), 1);
  const bundle = bundleOf(filesIn(document));
  // Two documents that say the same would be two versions.
  if (sha256Hex(bundleBytes(bundle)) !== sha256Hex(bytes))
    throw new Failure("invalid-policy", "The policies are not in canonical form.");
  return bundle;
}

/** A version of the policies out of its files, the compiled gates in base64. Throws `invalid-policy`. */
export function bundleOf(files: Readonly<Record<string, unknown>>): PolicyBundle {
  const known = new Set<string>([...bundledTexts, bundledWasm]);
  const other = Object.keys(files).find((name) => !known.has(name));
  if (other !== undefined) throw new Failure("invalid-policy", `'${other.slice(0, 80)}' is no file of the policies.`);
  const textOf = (name: string): string => {
    const text = Object.hasOwn(files, name) ? files[name] : undefined;
    if (typeof text !== "string") throw new Failure("invalid-policy", `The file ${name} is not there.`);
    return text;
  };
  const texts = Object.fromEntries(bundledTexts.map((name) => [name, textOf(name)])) as PolicyBundle["texts"];
  try {
    return { texts, wasm: fromBase64(textOf(bundledWasm)) };
  } catch (cause) {
    if (cause instanceof Failure && cause.code === "invalid-policy") throw cause;
    throw new Failure("invalid-policy", `${bundledWasm} is not in base64.`, { cause });
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new Failure("invalid-policy", "The policies are not JSON.", { cause });
  }
}

function filesIn(document: unknown): Readonly<Record<string, unknown>> {
  const files = typeof document === "object" && document !== null && "files" in document ? document.files : undefined;
  if (typeof files !== "object" || files === null) throw new Failure("invalid-policy", "The policies have no files.");
  return files as Record<string, unknown>;
}

/** The compiled gates must be those that their manifest was written for. Throws `invalid-policy`. */
export function requireManifest({ texts, wasm }: PolicyBundle): void {
  const manifest = parsed(utf8(texts["compiled/manifest.json"]));
  const named = typeof manifest === "object" && manifest !== null && "wasm" in manifest ? manifest.wasm : undefined;
  if (named !== sha256Hex(wasm))
    throw new Failure("invalid-policy", `${bundledWasm} is not the one that compiled/manifest.json names.`);
}
