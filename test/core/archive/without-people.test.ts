import { describe, expect, it } from "vitest";
import { blobPath } from "../../../core/archive/pack/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { evidenceCalled, withBytesOfPeople } from "./evidence-called.ts";
import { honestHistories } from "./honest-histories.ts";
import { shipped } from "./house.ts";
import type { Signed } from "./memory-pack.ts";
import { packOf, resealed, verified } from "./pack-fixture.ts";
import { factOf } from "./retelling.ts";

// Who is whom is told by people.yaml, which a pack without personal data leaves out: what followed by it is no finding there.

const addresses = [...shipped.bundle.texts["people.yaml"].matchAll(/[\w.+-]+@[\w.-]+/g)].map(([address]) => address);

describe.each(Object.entries(honestHistories))("without personal data, %s", (_, make) => {
  it("holds, and nothing in it is out of people.yaml but what was signed", async () => {
    const house = await make();
    const promotions = new Set(house.facts.flatMap(({ promotion }) => promotion ?? []));
    const scopes = [
      { kind: "everything" } as const,
      ...[...promotions].map((promotion) => ({ kind: "promotion", promotion }) as const),
    ];
    for (const scope of scopes) {
      const files = await packOf({ house }, { scope, withoutPersonalData: true });
      expect((await verified(files)).findings).toEqual([]);
      const texts = [...files]
        .filter(([path]) => path.startsWith("blobs/"))
        .map(([, bytes]) => Buffer.from(bytes).toString("latin1"));
      const signed = (text: string) => text.includes("manifestVersion") || text.includes('"checkVersion"');
      const told = texts.filter((text) => !signed(text)).join("\n");
      expect(addresses.filter((address) => told.includes(address))).toEqual([]);
    }
  });
});

it("a loan is told by the subjects of whoever lent, and by their names only where personal data is", async () => {
  const house = await (honestHistories["a loan of those who stand in people.yaml, ratified"] ?? expect.unreachable())();
  const { promotion } = house.facts.find(({ type }) => type === "loan") ?? expect.unreachable();
  const lenders = async (withoutPersonalData: boolean) => {
    const files = await packOf({ house }, { withoutPersonalData });
    const page = fromUtf8(files.get(`report/${promotion}.html`) ?? new Uint8Array());
    return page.split("\n").find((line) => line.includes(">lent until ")) ?? "";
  };
  expect(await lenders(false)).toMatch(/>\w+ \(sub-\w+\) as [\w -]+ and \w+ \(sub-\w+\) as /);
  expect(await lenders(true)).toMatch(/>sub-\w+ as [\w -]+ and sub-\w+ as /);
});

it("there are people in people.yaml", () => {
  expect(addresses.length).toBeGreaterThan(3);
});

describe("evidence", () => {
  it("that is called as what is left out, as it may be in older logs, stays and is judged again", async () => {
    const recorded = await evidenceCalled("people.yaml");
    expect(factOf(recorded.house, "freeze").attachments.map(({ name }) => name)).toContain("people.yaml");
    await expectSound(recorded);
  });

  it("that has the bytes of people.yaml stays, and nothing else that is personal", async () => {
    const { house, id } = await withBytesOfPeople();
    const left = await expectSound({ house });
    expect(left).toEqual(new Set(["channels.yaml"]));
    // Nobody else may keep it for that.
    const files = await packOf({ house }, { scope: { kind: "everything" }, withoutPersonalData: true });
    const manifest = readPackManifest(files.get("manifest.json") ?? new Uint8Array());
    const channels = manifest.documentsLeftOut.map(({ sha256 }) => sha256);
    const kept = resealed(files, {
      "manifest.json": packManifestBytes({ ...manifest, documentsLeftOut: [] }),
      ...Object.fromEntries(channels.map((sha256) => [blobPath(sha256), house.blobs.get(sha256)])),
    });
    const sentences = (await verified(kept)).findings.map(({ code, promotion, sentence }) => [
      code,
      promotion,
      sentence,
    ]);
    const wrong = (record: string) =>
      `Personal data was left out, but not the channels.yaml of '${record}': all that is personal is left out, or nothing.`;
    expect(sentences).toEqual([
      ["manifest-differs", undefined, wrong("installation/policy/1")],
      ["manifest-differs", id, wrong(`${id}/2`)],
    ]);
  });
});

/** Holds packs without personal data of everything and of each promotion; answers what they leave out. */
async function expectSound(recorded: Signed): Promise<ReadonlySet<string>> {
  const promotions = new Set(recorded.house.facts.flatMap(({ promotion }) => promotion ?? []));
  const left: string[] = [];
  for (const scope of [
    { kind: "everything" } as const,
    ...[...promotions].map((promotion) => ({ kind: "promotion", promotion }) as const),
  ]) {
    const files = await packOf(recorded, { scope, withoutPersonalData: true });
    expect((await verified(files)).findings).toEqual([]);
    const { documentsLeftOut } = readPackManifest(files.get("manifest.json") ?? new Uint8Array());
    left.push(...documentsLeftOut.map(({ name }) => name));
  }
  return new Set(left);
}
