import { readFileSync, writeFileSync } from "node:fs";

/**
 * `npm run synth && node scripts/readme-resources.ts`: writes the list of resources in README.md anew, from the
 * templates in cdk.out. A test holds the list against the stacks.
 */

/** As much of a CloudFormation template as is listed. */
export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

const begin = "<!-- resources: npm run synth && node scripts/readme-resources.ts -->";
const end = "<!-- end of resources -->";
/** Types with more resources than this are counted, not named. */
const mostNamed = 5;

/** The list of one stack's resources by type, as a Markdown table. */
export function resourceTable(stack: string, template: Template): string {
  const byType = Map.groupBy(Object.entries(template.Resources), ([, { Type }]) => Type);
  const rows = [...byType]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, resources]) => {
      const names = resources.map(([logicalId]) => logicalId).toSorted();
      return `| ${type.replace(/^AWS::/, "")} | ${names.length} | ${names.length > mostNamed ? "" : shown(names)} |`;
    });
  const total = Object.keys(template.Resources).length;
  return [`**${stack}**, ${total} resources`, "", "| type | number | names |", "| --- | --- | --- |", ...rows].join(
    "\n",
  );
}

/** Logical ids, without the digests that some of them end in. */
function shown(names: readonly string[]): string {
  return names.map((name) => `\`${name.replace(/[0-9a-f]{32}$/, "…")}\``).join(", ");
}

/** README.md with these tables between its marks. */
export function withResources(readme: string, tables: readonly string[]): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error("README.md has no marks around its list of resources.");
  return `${readme.slice(0, from + begin.length)}\n\n${tables.join("\n\n")}\n\n${readme.slice(to)}`;
}

if (import.meta.main) {
  const tables = ["CountersignData", "CountersignService"].map((stack) =>
    resourceTable(stack, JSON.parse(readFileSync(`cdk.out/${stack}.template.json`, "utf8")) as Template),
  );
  writeFileSync("README.md", withResources(readFileSync("README.md", "utf8"), tables));
}
