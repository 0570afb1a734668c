import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadPeople } from "../../core/approval/loading/load-people.ts";
import { bodies } from "../../core/archive/documents/fact-bodies.ts";
import { targetForm } from "../../core/archive/documents/target-form.ts";
import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { observationsSchema } from "../../core/gates/shadow/report.ts";
import { factTypes } from "../../core/promotion/fact.ts";
import { artifactRoles, evidenceKinds } from "../../core/promotion/freeze-manifest.ts";
import { keptManifest, told } from "../core/archive/told.ts";

const page = readFileSync("docs/format.md", "utf8");
const lines = page.split("\n");
const rows = lines.filter((line) => line.startsWith("| `"));

/** The types of records that a row names; `-sent` after `notification-queued` stands for `notification-sent`. */
function typesIn(row: string): readonly string[] {
  const [first = "", ...others] = [...(row.split("|")[1] ?? "").matchAll(/`([a-z-]+)`/g)].map(([, name]) => name ?? "");
  const stem = first.slice(0, first.indexOf("-"));
  return [first, ...others.map((name) => (name.startsWith("-") ? `${stem}${name}` : name))];
}

/** The words of code in a text: what stands between two backticks. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code?.match(/\w+/g) ?? []));
}

/** What the page calls by its name, as code in a line or in a block of its own; and what keys.md does, which it sends readers to. */
const named = new Set(
  [page, readFileSync("docs/keys.md", "utf8")].flatMap((text) => {
    const [outside, inside] = [0, 1].map((odd) => text.split("```").filter((_, at) => at % 2 === odd));
    return [
      ...(outside ?? []).flatMap((each) => [...namesIn(each)]),
      ...(inside ?? []).flatMap((each) => each.match(/\w+/g) ?? []),
    ];
  }),
);

/** Each member that a form reads, by the path to it. */
function membersOf(form: unknown, path = ""): readonly string[] {
  if (typeof form !== "object" || form === null) return [];
  const { entries, options, items, item, wrapped, pipe } = form as Record<string, unknown>;
  const own = Object.entries(entries ?? {}).flatMap(([name, each]) => [
    `${path}${name}`,
    ...membersOf(each, `${path}${name}.`),
  ]);
  const parts = [options, items, pipe].flatMap((each) => (Array.isArray(each) ? (each as readonly unknown[]) : []));
  return [...own, ...[...parts, item, wrapped].flatMap((each) => membersOf(each, path))];
}

/** Each member of a document, by the path to it. */
function pathsIn(value: Json, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each) => pathsIn(each as Json, path));
  return Object.entries(value).flatMap(([name, each]) => [
    `${path}${name}`,
    ...pathsIn(each as Json, `${path}${name}.`),
  ]);
}

const lastOf = (path: string) => path.slice(Math.max(path.lastIndexOf("."), path.lastIndexOf(" ")) + 1);
const unnamed = (paths: readonly string[]) => [...new Set(paths)].filter((path) => !named.has(lastOf(path)));

/** Members that are named by whoever wrote what they stand in, and not by us: the page says of each where it stands. */
const othersName: readonly RegExp[] = [
  /^(original-)?requirements\.json (gates\.thresholds|decided\.facts\.evidence\.metrics)\./,
  /^(original-)?requirements\.json roles\.[^.]+$/,
  /^gate-report\.json findings\.(required|observed)\./,
  /^(deployment|evidence-summary|environment|policies|jwks)\.json /,
];

describe("docs/format.md", () => {
  it("names every type of record", () => {
    const types = rows.flatMap(typesIn);
    expect(factTypes.filter((type) => !types.includes(type))).toEqual([]);
  });

  it("names what artifacts and evidence can be", () => {
    expect([...artifactRoles, ...evidenceKinds].filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
  });

  it.each(factTypes.filter((type) => Object.hasOwn(bodies, type)))(
    "names in the row of '%s' what verification reads of one",
    (type) => {
      const own = rows.filter((row) => row.split("|").length === 6 && typesIn(row).includes(type)).join("\n");
      // What is as in another type's records stands in the row of that.
      const like = [...own.matchAll(/[Aa]s (?:of )?(?:a )?`([a-z-]+)`/g)].map(([, name]) => name ?? "");
      const inRows = namesIn(
        rows.filter((row) => typesIn(row).some((each) => each === type || like.includes(each))).join("\n"),
      );
      const members = membersOf(bodies[type as keyof typeof bodies]);
      expect(members.filter((path) => !path.includes(".") && !inRows.has(path))).toEqual([]);
      expect(unnamed(members)).toEqual([]);
    },
  );

  it("names each member of every kind of target, and of what was observed in shadow", () => {
    expect(unnamed([targetForm, observationsSchema].flatMap((form) => membersOf(form)))).toEqual([]);
  });

  it("names each member of a pack's manifest, and of what lies beside its records", () => {
    const documents = told.house.facts.flatMap(({ attachments, type }) =>
      attachments
        .filter(
          ({ name, mediaType }) =>
            mediaType === "application/json" && name.endsWith(".json") && !["drift", "outcome"].includes(type),
        )
        .map(({ name, sha256 }) => ({ name, text: new TextDecoder().decode(told.house.blobs.get(sha256)) })),
    );
    // What others made is not written canonically.
    const ours = documents.filter(({ text }) => canonicalJson(JSON.parse(text) as Json) === text);
    const paths = ours.flatMap(({ name, text }) => pathsIn(JSON.parse(text) as Json).map((path) => `${name} ${path}`));
    expect(paths.length).toBeGreaterThan(1000);
    const asked = paths.filter((path) => !othersName.some((pattern) => pattern.test(path)));
    expect(unnamed([...asked, ...pathsIn(JSON.parse(canonicalJson(keptManifest as unknown as Json)) as Json)])).toEqual(
      [],
    );
  });

  it("has examples that are read", () => {
    const [, example = ""] = /```yaml\n([^`]*)```/.exec(page) ?? [];
    expect(loadPeople(example)).toMatchObject({ kind: "loaded" });
  });
});
