import { beforeAll, describe, expect, it } from "vitest";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { hex } from "../../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { House } from "./house.ts";
import { lentAndOver } from "./lent-and-over.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { member } from "./reviewers.ts";
import { untimed } from "./untimed.ts";

// A candidate was lent for an hour, and the log was verified while it ran. Five hours later nothing says that it ended.

const [ida, olaf] = [member("Ida", "incident-commanders"), member("Olaf", "incident-commanders")];
let house: House;
let lent: PromotionId;
let later: PromotionId;
let earlier: NonNullable<VerifyPackOptions["since"]>;
beforeAll(async () => {
  house = new House(undefined, undefined, [ida, olaf]);
  lent = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(lent);
  await house.openStage(lent);
  const first = await house.lend(lent, ida, { seconds: 3600 });
  await house.lend(lent, olaf, { seconds: 3600, confirms: first });
  await house.verify(lent);
  await house.deploy(lent);
  const before = await packOf({ house });
  const bytes = before.get("log/checkpoint") ?? new Uint8Array();
  earlier = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
  expect((await verified(before)).findings).toEqual([]);
  house.pass(5 * 3_600);
  later = await house.submit("weak", "9.0.0");
});

describe("a loan that nobody ended", () => {
  it("is found from an earlier head on, when its time is over, in the whole log", async () => {
    const { findings, promotions } = await verified(await packOf({ house }), { since: earlier });
    expect(findings).toMatchObject([
      { code: "loan-invalid", promotion: lent, sentence: expect.stringContaining("does not say that it ended") },
    ]);
    expect(promotions.map(({ promotion, outcome }) => [promotion, outcome])).toEqual([
      [lent, "FAILED"],
      [later, "PASSED"],
    ]);
  });

  it("is found by what was recorded after it, where who hands the pack on took out when the log was signed", async () => {
    const { findings } = await verified(untimed(await packOf({ house })));
    const codes = findings.map(({ code, path }) => `${code} ${path}`);
    expect(new Set(codes.filter((code) => !code.startsWith("kept-checkpoint-rejected log/checkpoints/")))).toEqual(
      new Set(["checkpoint-untimed log/checkpoint", expect.stringMatching(/^loan-invalid /)]),
    );
    expect(findings.find(({ code }) => code === "loan-invalid")).toMatchObject({
      promotion: lent,
      sentence: expect.stringContaining(`which goes on until ${house.facts.at(-1)?.at}`),
    });
  });

  it("is found in a pack of what came since that head, which brings it for that", async () => {
    const { size, root } = earlier.checkpoint;
    const part = await packOf({ house }, { scope: { kind: "since", size, root: hex(root) } });
    const { findings, unchecked } = await verified(part, { since: earlier });
    expect(findings).toMatchObject([
      { code: "loan-invalid", promotion: lent, sentence: expect.stringContaining("does not say that it ended") },
    ]);
    expect(unchecked.map(({ sentence }) => sentence).join(" ")).toContain(`every loan that ran at entry ${size}`);
  });
});

it("a loan is found a day after its end where nothing says that what was lent was taken back, also from an earlier head on", async () => {
  const { house, id } = await lentAndOver();
  const soon = await packOf({ house });
  const { holds, unchecked } = await verified(soon);
  expect(holds).toBe(true);
  expect(unchecked).toContainEqual({ promotion: id, sentence: expect.stringContaining("does not say yet") });
  const bytes = soon.get("log/checkpoint") ?? new Uint8Array();
  const since = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
  house.pass(86_400);
  await house.submit("weak", "9.0.0");
  const { size, root } = since.checkpoint;
  const part = await packOf({ house }, { scope: { kind: "since", size, root: hex(root) } });
  for (const found of [await verified(await packOf({ house })), await verified(part, { since })])
    expect(found.findings).toMatchObject([
      { code: "loan-invalid", promotion: id, sentence: expect.stringContaining("that what was lent was taken back") },
    ]);
});

it("a loan is not cleaned up before what was lent is deployed, as if that were gone already", async () => {
  const { house, id } = await lentAndOver(true);
  const { findings } = await verified(await packOf({ house }));
  expect(findings[0]).toMatchObject({
    code: "life-cycle",
    promotion: id,
    sentence: expect.stringContaining("(clean-up) cannot stand where it does: the promotion is loaned."),
  });
});
