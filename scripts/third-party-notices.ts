import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `npm run notices`: writes THIRD-PARTY-NOTICES.md, what is bundled into the functions, the portal and the command
 * line, with its licences. Test tools and what only `cdk deploy` runs stay on the machine that installed them.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
const notices = join(root, "THIRD-PARTY-NOTICES.md");

/** Licences under which something may ship in a work under Apache-2.0, without further duties than a notice. */
const takenLicences = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/** What package-lock.json says of an installed package. */
interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}
type Lock = Readonly<Record<string, Locked>>;

export interface ShippedPackage {
  /** Where it is installed, from the root of the checkout: `node_modules/yaml`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** Everything that production depends on, by way of package-lock.json. Throws where a licence is not one we take. */
export function shippedPackages(): readonly ShippedPackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { readonly packages: Lock };
  const found = new Set<string>();
  const follow = (folder: string): void => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = packages[folder] ?? {};
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
    for (const name of [...Object.keys(dependencies ?? {}), ...peers]) {
      const place = installedPlace(packages, folder, name);
      if (found.has(place)) continue;
      found.add(place);
      follow(place);
    }
  };
  follow("");
  return [...found].toSorted().map((folder) => shippedPackage(folder, packages[folder]));
}

/** Where Node finds `name` from a folder: there, or in a node_modules further up. */
function installedPlace(packages: Lock, from: string, name: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const place = posix.join(folder, "node_modules", name);
    if (packages[place] !== undefined) return place;
    if (folder === "") throw new Error(`${name}, which ${from} needs, is not in package-lock.json.`);
  }
}

function shippedPackage(folder: string, locked: Locked | undefined): ShippedPackage {
  const { version, license: licence } = locked ?? {};
  const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  if (version === undefined) throw new Error(`package-lock.json gives no version of ${folder}.`);
  if (licence === undefined || !takenLicences.includes(licence)) {
    throw new Error(`${name} ${version} is under '${licence ?? "no licence"}'; we ship ${takenLicences.join(", ")}.`);
  }
  return { folder, name, version, licence };
}

/** The text of THIRD-PARTY-NOTICES.md. Reads the licence files of the installed packages. */
export function thirdPartyNotices(): string {
  const packages = shippedPackages();
  const rows = packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  // The Apache licence asks for its text once (LICENSE) and for NOTICE files; the others for text and copyright each.
  const texts = new Map<string, string[]>();
  for (const each of packages) {
    for (const text of textsOf(each)) texts.set(text, [...(texts.get(text) ?? []), `${each.name} ${each.version}`]);
  }
  const sections = [...texts].map(([text, names]) => `### ${names.join(", ")}\n\n\`\`\`text\n${text}\n\`\`\`\n`);
  return [
    "# Third-party notices",
    "",
    "Made by `npm run notices`; a test fails when this is stale. These packages are bundled into the functions, the",
    "portal and the command line. Those under Apache-2.0 are under the text in [LICENSE](LICENSE).",
    "",
    "| package | version | licence |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "The compiled policy, `policies/compiled/gates.wasm`, holds the evaluator of Open Policy Agent (Apache-2.0). The data",
    "in `examples/credit-scoring/data/` are Statlog (German Credit Data), Hans Hofmann, UCI Machine Learning Repository,",
    "doi:10.24432/C5NC77, under CC BY 4.0; see the README there.",
    "",
    "## Licence texts",
    "",
    sections.join("\n"),
  ].join("\n");
}

function textsOf({ folder, licence }: ShippedPackage): readonly string[] {
  const wanted = licence === "Apache-2.0" ? /^notice/i : /^(licen[cs]e|copying|notice)/i;
  const files = readdirSync(join(root, folder)).filter((file) => wanted.test(file));
  if (licence !== "Apache-2.0" && files.length === 0) throw new Error(`${folder} comes without its licence's text.`);
  return files.toSorted().map((file) =>
    readFileSync(join(root, folder, file), "utf8")
      .replaceAll("\r\n", "\n")
      .trim(),
  );
}

if (import.meta.main) writeFileSync(notices, thirdPartyNotices());
