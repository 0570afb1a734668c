import { describe, expect, it } from "vitest";
import type { ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { environmentLacking, recheckServed } from "../../../../core/archive/promotion/verify-served.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { digestOf, environmentText } from "../../promotion/promotion-in-review.ts";
import { refused } from "../../refusal.ts";
import { replayedOf, told } from "../told.ts";
import { sayingIn, stepOf, withStep } from "../told-steps.ts";

const { steps } = await replayedOf(told.deployed);
const begun = stepOf(steps, "deployment-started");
const { id, body } = begun.record;
const model = body["model"] as { readonly uri: string; readonly versionId: string; readonly sha256: string };
const read: ReadDocument = async (sha256) => told.house.blobs.get(sha256);
const wrong = async (said: LedgerRecord["body"]) =>
  recheckServed(stepOf(sayingIn([begun], "deployment-started", said), "deployment-started"), read);
const withRecord = (change: Partial<LedgerRecord>, from = read) => {
  const changed = withStep([begun], "deployment-started", ({ record }) => ({ record: { ...record, ...change } }));
  return recheckServed(stepOf(changed, "deployment-started"), from);
};

describe("what a deployment says to run", () => {
  it("is what was signed and frozen, of a quorum and of a loan, the first time and the next", async () => {
    for (const promotion of [told.deployed, told.kept, told.lent, told.reopened])
      for (const step of (await replayedOf(promotion)).steps)
        if (step.record.type === "deployment-started") expect(await recheckServed(step, read)).toEqual([]);
    expect(await recheckServed({ ...begun, before: undefined }, read)).toEqual([]);
  });

  it("is the model whose bytes were signed off", async () => {
    const sha256 = digestOf("another model");
    expect(await wrong({ model: { ...model, sha256 } })).toEqual([
      `By '${id}' the model with the digest '${sha256}' was deployed, and '${model.sha256}' was signed off.`,
    ]);
  });

  it("is the copy of it that was frozen, in whichever bucket", async () => {
    const key = `frozen/${model.sha256}/model.json`;
    expect(await wrong({ model: { ...model, uri: `s3://other/${key}` } })).toEqual([]);
    for (const [uri, named] of [
      [`s3://artifacts/${key}x`, `${key}x`],
      [`s3://artifacts/frozen/${digestOf("other")}/model.json`, `frozen/${digestOf("other")}/model.json`],
      [`https://artifacts/${key}`, `https://artifacts/${key}`],
    ] as const)
      expect(await wrong({ model: { ...model, uri } })).toEqual([
        `By '${id}' the model that is kept as '${named}' was deployed, and '${key}' was signed off.`,
      ]);
    expect(await wrong({ model: { ...model, versionId: "v2" } })).toEqual([
      `By '${id}' the model's version 'v2' was deployed, and 'v1' was signed off.`,
    ]);
  });

  it("is nothing that was never frozen", async () => {
    const before = begun.before && { ...begun.before, frozen: [] };
    expect(await recheckServed({ ...begun, before }, read)).toEqual([
      expect.stringMatching(/^By '.*' the model that is kept as '.*' was deployed, and none was signed off\.$/),
      "By 'ID' the model's version 'v1' was deployed, and none was signed off.".replace("ID", id),
    ]);
  });

  it("is the image that the environment names, which was signed off", async () => {
    const image = `registry.example/other@sha256:${"b".repeat(64)}`;
    expect(await wrong({ image })).toEqual([
      `By '${id}' the image '${image}' was deployed, and '${body["image"]}' was signed off.`,
    ]);
  });

  it("keeps that environment and no other", async () => {
    const kept = begun.record.attachments.find(({ name }) => name === "environment.json");
    if (kept === undefined) throw new Error("The environment was not kept.");
    const sha256 = digestOf(environmentText);
    expect(await withRecord({ attachments: [{ ...kept, sha256 }] })).toEqual([
      `By '${id}' the environment with the digest '${sha256}' was deployed, and '${kept.sha256}' was signed off.`,
    ]);
    // What is missing is said where it is looked for, and an image without it cannot be told.
    expect(await withRecord({}, async () => undefined)).toEqual([]);
    expect(await withRecord({ attachments: [], body: { ...body, image: "another" } })).toEqual([]);
    expect(await refused(withRecord({}, async () => utf8("{}")))).toMatchObject({ code: "deployment-refused" });
  });

  it("is no image of an environment that names two: other readers take the other one", async () => {
    const twice = utf8(`{"image":{"reference":"other"},"image":{"reference":"${body["image"]}"}}`);
    expect(await refused(withRecord({}, async () => twice))).toEqual({
      code: "pack-invalid",
      sentence: expect.stringMatching(/^environment\.json is not JSON .* The name "image" is given twice/),
    });
  });

  it("is a release of the kind that what ran before lets it be", async () => {
    expect(body["previous"]).toBeNull();
    const { release } = body;
    const update = { ...(release as object), kind: "update" };
    expect(await wrong({ previous: "p-before" })).toEqual([
      `By '${id}' a release of the kind 'first' was deployed, and 'update' was signed off.`,
    ]);
    expect(await wrong({ release: update })).toContain(
      `By '${id}' a release of the kind 'update' was deployed, and 'first' was signed off.`,
    );
    const { previous: _, ...silent } = body;
    expect(await refused(withRecord({ body: silent }))).toMatchObject({ code: "pack-invalid" });
  });

  it("says by name that what it was to take over from was gone, and only where it was", async () => {
    const first = { previous: null, release: { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } } };
    const [updated] = (await replayedOf(told.kept)).steps.filter(
      ({ record: { type } }) => type === "deployment-started",
    );
    if (updated === undefined) throw new Error("It was not deployed.");
    const said = (more: LedgerRecord["body"], of = updated) =>
      recheckServed({ ...of, record: { ...of.record, body: { ...of.record.body, ...first, ...more } } }, read);
    expect(await said({})).toEqual([
      `By '${updated.record.id}' nothing ran there, which was judged as an update of what does, and it does not say that this was gone.`,
    ]);
    expect(await said({ gone: true })).toEqual([]);
    expect(await said({}, begun)).toEqual([]);
    expect(await said({ gone: true }, begun)).toEqual([
      `By '${id}' what it was to take over from was gone, and there was no such thing.`,
    ]);
  });

  it("is released as carefully as the target says that was signed", async () => {
    const traffic = { kind: "canary", percent: 10, waitSeconds: 60 };
    expect(await wrong({ release: { kind: "first", traffic } })).toEqual([
      `By '${id}' the release was a first one, and is said to have left a part of the traffic elsewhere.`,
    ]);
  });
});

it("the environment of a deployment is kept with it", () => {
  expect(environmentLacking(begun.record)).toBeUndefined();
  expect(environmentLacking({ ...begun.record, attachments: [] })).toBe(
    `'${id}' does not keep the environment that names its image.`,
  );
});
