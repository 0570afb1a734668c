import { base64, fromBase64 } from "../encoding/base64.ts";
import { fromUtf8, utf8 } from "../encoding/bytes.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { refuseNewer, versionIn } from "../encoding/generation.ts";
import { isSha256, type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { readStrictJson } from "../gates/strict-json.ts";
import { personalTexts } from "../promotion/personal-documents.ts";

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

/** The document that a version of the policies is known by. */
export const policyFileName = "policies.json";

export type BundledText = (typeof bundledTexts)[number];
export type PersonalText = (typeof personalTexts)[number];

/** The files of a version of the policies: each text, and the compiled gates. */
export interface PolicyBundle {
  readonly texts: Readonly<Record<BundledText, string>>;
  readonly wasm: Uint8Array;
}

/** Compressed it must fit into one item of the table (400 KB); as text it must fit into one request (6 MB). */
export const largestBundle = 4 * 1024 * 1024;

/** What is archived of a version of the policies, `policies.json` first. */
export interface PolicyDocument {
  readonly name: typeof policyFileName | PersonalText;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** All that is archived of a version. */
export type PolicyDocuments = readonly [PolicyDocument, ...PolicyDocument[]];

/**
 * The documents of a version of the policies: `policies.json` has every file but those that may tell of people, and these by
 * their SHA-256, so that its digest names the version. It is canonical JSON.
 */
export function policyDocuments({ texts, wasm }: PolicyBundle): PolicyDocuments {
  const apart = personalTexts.map((name) => ({ name, mediaType: "application/yaml", bytes: utf8(texts[name]) }));
  const digests = Object.fromEntries(apart.map(({ name, bytes }) => [name, sha256Hex(bytes)]));
  const files = Object.fromEntries(bundledTexts.filter((name) => !isPersonal(name)).map((name) => [name, texts[name]]));
  const bytes = canonicalJsonBytes({
    policyVersion: 1,
    apart: digests,
    files: { ...files, [bundledWasm]: base64(wasm) },
  });
  return [{ name: policyFileName, mediaType: "application/json", bytes }, ...apart];
}

/** The digest by which a version of the policies is known. */
export function bundleDigest(bundle: PolicyBundle): Sha256 {
  const [policies] = policyDocuments(bundle);
  return sha256Hex(policies.bytes);
}

/** A version of the policies as it was archived; files that tell of people may have been left out of it. */
export interface ArchivedBundle {
  readonly texts: Readonly<Record<Exclude<BundledText, PersonalText>, string> & Partial<Record<PersonalText, string>>>;
  readonly wasm: Uint8Array;
}

/**
 * Reads a version of the policies from its documents, `policies.json` first. Throws `invalid-policy` unless that is one, byte
 * for byte, and those that it names are all there; `newer-version` for a later one.
 */
export function readBundle(documents: readonly Uint8Array[]): PolicyBundle {
  const [policies = new Uint8Array(), ...others] = documents;
  const { bundle, apart } = readPolicies(policies);
  const byDigest = new Map(others.map((bytes) => [sha256Hex(bytes), bytes] as const));
  const textOf = (name: PersonalText): string => {
    const bytes = byDigest.get(apart[name]);
    if (bytes === undefined) throw new Failure("invalid-policy", `The file ${name} is not there.`);
    return fromUtf8(bytes);
  };
  const told = { "people.yaml": textOf("people.yaml"), "channels.yaml": textOf("channels.yaml") };
  return { ...bundle, texts: { ...bundle.texts, ...told } };
}

/** Reads a `policies.json` by itself, and which documents it names. Throws as `readBundle` does. */
export function readPolicies(bytes: Uint8Array): {
  readonly bundle: ArchivedBundle;
  readonly apart: Readonly<Record<PersonalText, Sha256>>;
} {
  if (bytes.byteLength > largestBundle)
    throw new Failure("invalid-policy", `The policies have ${bytes.byteLength} bytes; at most ${largestBundle} work.`);
  const document = parsed(bytes);
  refuseNewer(policyFileName, versionIn(document, "policyVersion"), 1);
  const named = membersOf(document, "apart");
  const digestOf = (name: PersonalText): Sha256 => {
    const digest = named[name];
    if (!isSha256(digest))
      throw new Failure("invalid-policy", `${policyFileName} does not name ${name} by its digest.`);
    return digest;
  };
  const apart = { "people.yaml": digestOf("people.yaml"), "channels.yaml": digestOf("channels.yaml") };
  // As if these were empty, whose own bytes are not known here.
  const { texts, wasm } = bundleOf({ ...membersOf(document, "files"), "people.yaml": "", "channels.yaml": "" });
  const { "people.yaml": _people, "channels.yaml": _channels, ...others } = texts;
  const again = canonicalJsonBytes({ policyVersion: 1, apart, files: { ...others, [bundledWasm]: base64(wasm) } });
  // Two documents that say the same would be two versions.
  if (sha256Hex(again) !== sha256Hex(bytes))
    throw new Failure("invalid-policy", "The policies are not in canonical form.");
  return { bundle: { texts: others, wasm }, apart };
}

function isPersonal(name: BundledText): name is PersonalText {
  return personalTexts.some((each) => each === name);
}

/** A version of the policies in one piece, as the service keeps it; not what it is archived as. */
export function packBundle({ texts, wasm }: PolicyBundle): Uint8Array {
  return canonicalJsonBytes({ files: { ...texts, [bundledWasm]: base64(wasm) } });
}

/** Throws `invalid-policy`. */
export function unpackBundle(bytes: Uint8Array): PolicyBundle {
  return bundleOf(membersOf(parsed(bytes), "files"));
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

function membersOf(document: unknown, name: "files" | "apart"): Readonly<Record<string, unknown>> {
  const members = typeof document === "object" && document !== null ? Object.entries(document) : [];
  const found: unknown = members.find(([key]) => key === name)?.[1];
  if (typeof found !== "object" || found === null)
    throw new Failure("invalid-policy", `The policies have no '${name}'.`);
  return found as Record<string, unknown>;
}

/** The compiled gates must be those that their manifest was written for. Throws `invalid-policy`. */
export function requireManifest({
  texts,
  wasm,
}: {
  readonly texts: Pick<PolicyBundle["texts"], "compiled/manifest.json">;
  readonly wasm: Uint8Array;
}): void {
  const read = readStrictJson(utf8(texts["compiled/manifest.json"]));
  // A member that stands twice is one thing to one reader, and another to the next.
  if (read.kind === "problem")
    throw new Failure("invalid-policy", `compiled/manifest.json is not JSON that can be taken: ${read.sentence}`);
  const manifest = read.value;
  const named = typeof manifest === "object" && manifest !== null && "wasm" in manifest ? manifest["wasm"] : undefined;
  if (named !== sha256Hex(wasm))
    throw new Failure("invalid-policy", `${bundledWasm} is not the one that compiled/manifest.json names.`);
}
