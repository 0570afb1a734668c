import { beforeAll, describe, expect } from "vitest";
import { manifestPath } from "../../core/archive/pack/pack-layout.ts";
import { type PackScope, packManifestBytes, readPackManifest } from "../../core/archive/pack/pack-manifest.ts";
import { fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { type Files, packOf, type Recorded, resealed } from "../core/archive/pack-fixture.ts";
import { documentOf, withDocument } from "../core/archive/retelling.ts";
import { untimed } from "../core/archive/untimed.ts";
import { withTool } from "./programs.ts";
import { recordForOthers } from "./recorded-for-others.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

let recorded: Recorded;
let since: PackScope;
beforeAll(async () => {
  ({ recorded, since } = await recordForOthers());
});

const factsOf = (type: Fact["type"]) =>
  recorded.house.facts.filter((fact) => fact.type === type && fact.promotion === recorded.deployed);

/** All facts with those of a type changed. */
function facts(type: Fact["type"], change: (fact: Fact, place: number) => Fact | undefined): readonly Fact[] {
  const wanted = factsOf(type);
  return recorded.house.facts.flatMap((fact) => {
    const place = wanted.indexOf(fact);
    return place < 0 ? fact : (change(fact, place) ?? []);
  });
}

/** A fact that names another's document for its own. */
function withDocumentOf(fact: Fact, name: string, other: Fact | undefined): Fact {
  const theirs = other?.attachments.find((each) => each.name === name) ?? expect.unreachable(name);
  return { ...fact, attachments: fact.attachments.map((each) => (each.name === name ? theirs : each)) };
}

describe("the second verifier refuses a pack", () => {
  const cases: readonly [string, () => Promise<Files>, RegExp][] = [
    [
      "with a flipped byte in a record, SHA256SUMS made to fit",
      async () => {
        const files = await packOf(recorded);
        const text = Buffer.from(files.get("records/9.json") ?? []).toString();
        return resealed(files, { "records/9.json": Buffer.from(text.replace(/"at":"2026/, '"at":"2025')) });
      },
      /records\/9\.json is not the log's entry 9/,
    ],
    [
      "of a version that it does not know",
      async () => {
        const files = await packOf(recorded);
        const manifest = readPackManifest(files.get(manifestPath) ?? new Uint8Array());
        return resealed(files, { [manifestPath]: canonicalJsonBytes({ ...manifest, packVersion: 3 }) });
      },
      /NOT CHECKED: the pack is of version 3, which is later than this verifier/,
    ],
    [
      "with a checkpoint of a smaller tree",
      async () => {
        const files = await packOf(recorded);
        const kept = [...files.keys()].filter((name) => name.startsWith("log/checkpoints/"));
        return resealed(files, { "log/checkpoint": files.get(kept[0] ?? "") });
      },
      /missing|another head/,
    ],
    ...(
      [
        ["another promotion", () => ({ kind: "promotion", promotion: recorded.rejected })],
        ["another model", () => ({ kind: "model", model: "fraud-detection" })],
        [
          "another time",
          () => ({
            kind: "time",
            from: "2020-01-01T00:00:00.000Z" as Instant,
            to: "2021-01-01T00:00:00.000Z" as Instant,
          }),
        ],
      ] satisfies readonly [string, () => PackScope][]
    ).map(([what, scope]): [string, () => Promise<Files>, RegExp] => [
      `that was handed on as one of ${what}`,
      async () => {
        const files = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.deployed } });
        const manifest = readPackManifest(files.get(manifestPath) ?? new Uint8Array());
        return resealed(files, { [manifestPath]: packManifestBytes({ ...manifest, scope: scope() }) });
      },
      new RegExp(`the pack says that it holds ${what}`),
    ]),
    [
      "whose checkpoint does not say when it was signed",
      async () => untimed(await packOf(recorded, { scope: since }), /^log\/checkpoint$/),
      /a checkpoint does not say when it was signed/,
    ],
    [
      "by a service that shows one decision's login for another's",
      () =>
        packOf(recorded, {
          facts: facts("sign-off", (fact) => withDocumentOf(fact, "id-token.jwt", factsOf("sign-off")[0])),
        }),
      /an ID token signs another decision/,
    ],
    [
      "whose sign-in is longer than a token may be",
      () => {
        const [signOff = expect.unreachable()] = factsOf("sign-off");
        const token = fromUtf8(documentOf(recorded.house, signOff, "id-token.jwt"));
        const longer = utf8(`${token}${"A".repeat(16_384)}`);
        return packOf(recorded, withDocument(recorded.house, signOff, "id-token.jwt", longer));
      },
      /an ID token is longer than one may be/,
    ],
    [
      "that calls a record personal which a decision may rest on",
      async () => {
        const files = await packOf(recorded, { withoutPersonalData: true });
        const manifest = readPackManifest(files.get(manifestPath) ?? new Uint8Array());
        const personalRecordsLeftOut = [{ index: 0, type: "sign-off" as const, leafHash: sha256Hex(utf8("")) }];
        return resealed(files, { [manifestPath]: packManifestBytes({ ...manifest, personalRecordsLeftOut }) });
      },
      /a record was left out that a decision may rest on/,
    ],
    [
      "by a service that tells another result than was signed",
      () =>
        packOf(recorded, {
          facts: facts("sign-off", (fact) => ({ ...fact, body: { ...fact.body, result: "reject" } })),
        }),
      /a statement says something else than records and documents/,
    ],
    [
      "by a service that leaves a sign-off out",
      () => packOf(recorded, { facts: facts("sign-off", (fact, place) => (place === 2 ? undefined : fact)) }),
      /the stage '.*' was decided with other seats than its sign-offs fill/,
    ],
    [
      "by a service that deploys without a verdict",
      () => packOf(recorded, { facts: facts("verdict", () => undefined) }),
      /stands where .* belongs/,
    ],
    [
      "by a service that did not watch a release for as long as it was approved for",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => ({ ...fact, at: addSeconds(fact.at, 300) })),
        }),
      /a release was not watched for the time of its condition/,
    ],
    [
      "by a service that tells of other conditions than were signed",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => {
            const { conditions: _, ...body } = fact.body;
            return { ...fact, body };
          }),
        }),
      /a deployment names other conditions than its verdict/,
    ],
    [
      "by a service that deployed another model than was signed off",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => {
            const model = { ...Object(fact.body["model"]), sha256: sha256Hex(utf8("other")) };
            return { ...fact, body: { ...fact.body, model } };
          }),
        }),
      /'p-.*' deployed the model [0-9a-f]{64}, and [0-9a-f]{64} was signed off/,
    ],
    [
      "by a service that deployed another image than was signed off",
      () =>
        packOf(recorded, {
          facts: facts("deployment-started", (fact) => ({ ...fact, body: { ...fact.body, image: "other@sha256:0" } })),
        }),
      /'p-.*' deployed the image other@sha256:0, and .* was signed off/,
    ],
    [
      "by a service that says a deployment went elsewhere afterwards",
      () =>
        packOf(recorded, {
          facts: facts("deployed", (fact) => ({ ...fact, body: { ...fact.body, endpoint: "other" } })),
        }),
      /says otherwise than was signed or recorded: endpoint/,
    ],
    [
      "by a service that gave a promotion more time than its rule has",
      () =>
        packOf(recorded, {
          facts: facts("request", (fact) => {
            const expiresAt = addSeconds(fact.body["expiresAt"] as Instant, 3600);
            return { ...fact, body: { ...fact.body, expiresAt } };
          }),
        }),
      /a request says another end than its requirements give it/,
    ],
    [
      "by a service that says a candidate is what drifted",
      () =>
        packOf(recorded, {
          facts: facts("request", (fact) => ({ ...fact, body: { ...fact.body, reapproves: recorded.rejected } })),
        }),
      /something is asked about again that did not drift/,
    ],
    [
      "with a sign-off in a place that nobody gave",
      () => packOf(recorded, { facts: recorded.house.facts.filter(({ type }) => type !== "delegated") }),
      /the stage '.*' was decided with other seats than its sign-offs fill/,
    ],
    [
      "with a passkey that nobody confirmed",
      () => packOf(recorded, { facts: recorded.house.facts.filter(({ type }) => type !== "passkey-confirmed") }),
      /a passkey did not stand when it signed/,
    ],
  ];
  for (const [name, files, sentence] of cases) {
    withTool(
      python,
      name,
      async () => {
        const { status, output } = await verdictOn(await files());
        expect([status, output]).toEqual([1, expect.stringMatching(/REFUSED/)]);
        expect(output).toMatch(sentence);
      },
      async () => requireOnThePage(await packOf(recorded)),
    );
  }
});
