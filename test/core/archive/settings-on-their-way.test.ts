import { describe, expect, it } from "vitest";
import { readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { installation } from "./house.ts";
import { verified } from "./memory-pack.ts";
import { keptOfElsewhere, signedInElsewhere, signedInForTwo } from "./settings-on-their-way.ts";
import { headOf, sinceHead } from "./small-pack.ts";

describe("settings that a deployment changed", () => {
  it("may be on their way to the log: of what was signed in under them it is said that it cannot be told", async () => {
    const { findings, unchecked, promotions } = await verified(await signedInElsewhere(0));
    expect(findings).toEqual([]);
    expect(promotions).toMatchObject([{ outcome: "PASSED", status: "approved" }]);
    const soon = unchecked.filter(({ sentence }) => sentence.includes("on their way to it"));
    const signIn = `counts: the log tells of no settings for it, and some may have been on their way to it. It is by '${installation.issuer}', for the application '${installation.audiences[0]}'.`;
    expect(soon.map(({ sentence }) => sentence.replace(/records\/\d+/, "records/n"))).toEqual([
      `Whether the sign-in of 'records/n.json' ${signIn}`,
      `Whether the passkey of 'records/n.json' was made on the portal: the log tells of no settings by which it was, and some may have been on their way to it. It was made on 'https://sign.example', for 'sign.example'.`,
      ...Array.from({ length: 4 }, () => `Whether the sign-in of 'records/n.json' ${signIn}`),
    ]);
    expect(soon.map(({ promotion }) => promotion)).toEqual([
      ...[undefined, undefined, undefined],
      ...Array.from({ length: 3 }, () => promotions[0]?.promotion),
    ]);
  });

  it("may be on their way for what is written as kept and counts nowhere, too", async () => {
    const files = await (await keptOfElsewhere()).packUntil(0);
    const { findings, unchecked } = await verified(files);
    expect(findings).toEqual([]);
    const places = unchecked.flatMap(
      ({ sentence }) => /sign-in of '(records\/\d+\.json)' counts/.exec(sentence)?.[1] ?? [],
    );
    const types = places.map((path) => JSON.parse(fromUtf8(files.get(path) ?? new Uint8Array())).type);
    expect(types.toSorted()).toEqual(["sign-off", "sign-off", "sign-off-kept", "sign-off-kept"]);
  });

  it("have not come by a later head: what had ended by the earlier one is looked at again from there on", async () => {
    const { house, packUntil } = await keptOfElsewhere();
    const before = await packUntil(0);
    const earlier = headOf(before, readPackManifest(before.get("manifest.json") ?? new Uint8Array()).log.size);
    house.pass(3600);
    await house.submit("candidate", "3.0.0");
    for (const scope of [undefined, sinceHead(earlier)]) {
      const { findings } = await verified(await packUntil(0, scope), { since: earlier });
      expect(findings.filter(({ sentence }) => sentence === "The token comes from another issuer.")).toHaveLength(4);
    }
  });

  it("name no sign-in for two applications", async () => {
    const { findings } = await verified(await signedInForTwo());
    expect(findings).toContainEqual(
      expect.objectContaining({ code: "sign-off-invalid", sentence: "The token was issued to another application." }),
    );
  });

  it("have come to the log within a quarter of an hour, or nobody signed in under them", async () => {
    const { findings } = await verified(await signedInElsewhere(3600));
    const said = findings.map(({ code, sentence }) => `${code}: ${sentence}`);
    expect(said).toContain(
      "passkey-invalid: The passkey was made on https://sign.example for sign.example, and the portal was elsewhere.",
    );
    expect(said.filter((each) => each === "sign-off-invalid: The token comes from another issuer.")).toHaveLength(3);
  });

  it("hold nothing up once they are there", async () => {
    const { findings, unchecked } = await verified(await signedInElsewhere(0, true));
    expect(findings).toEqual([]);
    expect(unchecked.map(({ sentence }) => sentence)).not.toContainEqual(expect.stringContaining("on their way to it"));
  });
});
