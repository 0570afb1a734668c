import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadMatrix } from "../core/approval/loading/load-matrix.ts";
import { resourceTable, type Template, withResources } from "../scripts/readme-resources.ts";
import { unknownToTheCommandLine } from "./examples/ci/named-commands.ts";
import { installations, synthesize } from "./infra/synthesized.ts";

const readme = readFileSync("README.md", "utf8");

describe("README.md", () => {
  const matrices = [readme, readFileSync("docs/matrix.md", "utf8")].flatMap((document) =>
    [...document.matchAll(/^```yaml matrix\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? ""),
  );

  it("and the reference of the matrix show whole ones", () => {
    expect(matrices.length).toBeGreaterThan(5);
  });

  it.each(matrices)("a matrix that loads: %#", (text) => {
    const loaded = loadMatrix(text);
    expect(loaded.kind === "refused" ? loaded.problems : []).toEqual([]);
  });

  it("names scripts that package.json has", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly scripts: object };
    const named = [...readme.matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/g)].map(([, name]) => name ?? "");
    const own = new Set(["ci", "after", "install"]);
    expect(named.filter((name) => !own.has(name) && !(name in scripts))).toEqual([]);
  });

  it("names the people who can sign in, with their passwords", () => {
    const people = JSON.parse(readFileSync("local/people.json", "utf8")) as readonly {
      readonly username: string;
      readonly password: string;
    }[];
    const rows = [...readme.matchAll(/^\| `([a-z]+)` \| `([a-z-]+-signs-locally)` \|/gm)];
    expect(rows.map(([, username, password]) => ({ username, password }))).toEqual(
      people.map(({ username, password }) => ({ username, password })),
    );
  });
});

describe("README.md about the stacks", () => {
  const { dataTemplate, serviceTemplate } = synthesize();

  it("lists every resource: otherwise run `npm run synth && node scripts/readme-resources.ts`", () => {
    const tables = [
      resourceTable("CountersignData", dataTemplate.toJSON() as Template),
      resourceTable("CountersignService", serviceTemplate.toJSON() as Template),
    ];
    expect(withResources(readme, tables)).toBe(readme);
  });

  it("names every parameter", () => {
    const { Parameters } = serviceTemplate.toJSON() as { readonly Parameters: object };
    const own = Object.keys(Parameters).filter((name) => name !== "BootstrapVersion");
    expect(own.filter((name) => !readme.includes(`| \`${name}\` |`))).toEqual([]);
  });
});

it("the documents name only what the command line has", () => {
  const documents = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"]);
  const unknown = documents.flatMap((document) =>
    unknownToTheCommandLine(readFileSync(document, "utf8")).map((each) => `${document}: ${each}`),
  );
  expect(unknown).toEqual([]);
});

it("the documents link to files that are there", () => {
  const documents = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"]);
  const lost = documents.flatMap((document) =>
    [...readFileSync(document, "utf8").matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, path]) => path ?? "")
      .filter((path) => !existsSync(join(dirname(document), path)))
      .map((path) => `${document} → ${path}`),
  );
  expect(lost).toEqual([]);
});

describe("the documents about parameters", () => {
  const { dataTemplate, serviceTemplate, witnessTemplate } = synthesize(installations.witness);
  const templates: Readonly<Record<string, { readonly Parameters?: object }>> = {
    CountersignData: dataTemplate.toJSON(),
    CountersignService: serviceTemplate.toJSON(),
    CountersignWitness: witnessTemplate?.toJSON() ?? {},
  };

  // CDK hands a parameter without a stack's name to every stack that it deploys, those that one rests on included, and
  // CloudFormation refuses it where the template does not have it.
  it("give each to the one stack that has it", () => {
    const given = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"]).flatMap((document) =>
      [...readFileSync(document, "utf8").matchAll(/--parameters\s+([^\s=]+)=/g)].map(([, name = ""]) => name),
    );
    expect(given.length).toBeGreaterThan(5);
    const has = (stack: string, name: string) => Object.hasOwn(templates[stack]?.Parameters ?? {}, name);
    expect(given.filter((each) => !has(...(each.split(":") as [string, string])))).toEqual([]);
  });
});
