import { describe, expect, it } from "vitest";
import { honestHistories } from "./honest-histories.ts";
import { shipped } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

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

it("there are people in people.yaml", () => {
  expect(addresses.length).toBeGreaterThan(3);
});
