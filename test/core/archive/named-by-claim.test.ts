import { beforeAll, describe, expect, it } from "vitest";
import type { House } from "./house.ts";
import { installation } from "./house.ts";
import { packOf, verified } from "./memory-pack.ts";
import { namedByOid } from "./named-by-claim.ts";
import { factOf, saying } from "./retelling.ts";

let house: House;
beforeAll(async () => {
  house = await namedByOid();
});

const codes = async (...args: Parameters<typeof verified>) => [
  ...new Set((await verified(...args)).findings.map(({ code }) => code)),
];

describe("people who are named by another claim than sub", () => {
  it("are who signed, and that the log says so itself is said", async () => {
    const { holds, unchecked } = await verified(await packOf({ house }));
    expect(holds).toBe(true);
    expect(unchecked.map(({ sentence }) => sentence).join("\n")).toContain(
      "that people are named by the claim 'oid' of their sign-ins",
    );
  });

  it("are who signed in a pack without personal data too", async () => {
    expect(await codes(await packOf({ house }, { withoutPersonalData: true }))).toEqual([]);
  });

  it("are nobody who signed where the log does not say so, or it is known to be otherwise", async () => {
    const { subjectClaim: _, ...body } = factOf(house, "installation").body;
    const silent = house.facts.map((fact) => (fact.type === "installation" ? { ...fact, body } : fact));
    expect(await codes(await packOf({ house }, { facts: silent }))).toContain("sign-off-invalid");
    const { issuer } = installation;
    const known = { subjectClaims: [{ issuer, subjectClaim: "sub" as const }] };
    expect(await codes(await packOf({ house }), { known })).toContain("sign-off-invalid");
    expect(
      await codes(await packOf({ house }), { known: { subjectClaims: [{ issuer, subjectClaim: "oid" }] } }),
    ).toEqual([]);
  });

  it("are named by no claim that they could change themselves", async () => {
    const told = saying(house, factOf(house, "installation"), { subjectClaim: "email" });
    expect(await codes(await packOf({ house }, told))).toContain("installation-invalid");
  });
});
