import { describe, expect, it } from "vitest";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { sigstoreBundle } from "../../../core/attestation/sigstore-bundle.ts";
import { fromBase64 } from "../../../core/encoding/base64.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { asked, olaf, withLoans } from "../../core/approval/lenders.ts";
import {
  attestationBase,
  cora,
  digestOf,
  everybody,
  id,
  manifest,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
  promotionInReview,
  requirements,
  sam,
  stricterPolicy,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { asMachine, blobs, byCora, gates, inReview, person, report, scene } from "./reading-scene.ts";

describe("one promotion", () => {
  it("is shown with its gates, summary, explanation and what a sign-off must say", async () => {
    const shown = await scene().view();
    expect(shown).toMatchObject({
      id,
      status: "in-review",
      manifest,
      requirements: { sha256: requirements.sha256, document: requirements.document },
      gates: { outcome: "passed", report: { outcome: "passed" } },
      summary: { sha256: gates.summary, document: { summaryVersion: 1 } },
      signOffContext: signOffContextOf(inReview, attestationBase),
      explanation: { status: "open" },
      signOffs: [{ reviewer: "Cora", result: "approve", reason: "Fine.", roles: ["compliance-officer"] }],
      timeline: [{ type: "sign-off", summary: "Cora approved as Compliance officer." }],
    });
  });

  it("says whether its infrastructure plan may be applied now, by the policies in force", async () => {
    const plan = {
      kind: "iac-plan",
      format: "terraform-plan",
      name: "plan.json",
      mediaType: "application/json",
    } as const;
    const evidence = [{ ...plan, size: 3, sha256: digestOf("plan") }];
    const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
    const stage = openStage(1, { open: false });
    const seats = [{ role: "compliance-officer", person: cora.identity, signOff: byCora.signOff.id }];
    const approved = promotionInReview({
      gates,
      manifest: { ...manifest, evidence },
      status: "approved",
      stage,
      settled: [{ index: 0, seats }],
      verdict,
    });
    const when = { from: addSeconds(now, -60), until: addSeconds(now, 60) };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const shown = async (over: Parameters<typeof scene>[1]) => (await scene(approved, over).view()).plan;
    expect(await shown({})).toEqual({ mayBeApplied: true });
    expect(await shown({ policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } } })).toMatchObject({
      why: expect.stringContaining("Changes are frozen ('Year end')"),
    });
    expect(await shown({ policy: stricterPolicy })).toMatchObject({
      why: expect.stringContaining("The requirements have changed since its verdict"),
    });
    // However young the verdict is: whoever signed may have left since.
    expect(await shown({ directory: memoryDirectory(everybody.filter((each) => each !== cora)) })).toEqual({
      mayBeApplied: false,
      why: "Cora is not in the directory any more. Nothing is applied before that seat is filled again.",
    });
    expect((await scene().view()).plan).toBeUndefined();
  });

  it("tells where its facts are in the ledger, where that is asked for and they are there", async () => {
    const shown = async (query: Record<string, string>) =>
      (await scene().get("/v1/promotions/{id}", { query })).json as PromotionView;
    const { timeline } = await shown({ entries: "true" });
    expect(timeline.map(({ entry }) => entry)).toEqual([41, ...timeline.slice(1).map(() => undefined)]);
    expect((await shown({})).timeline.every((fact) => !("entry" in fact))).toBe(true);
  });

  it("is shown with the newest of its outcomes, of which there may be any number", async () => {
    const { store, view } = scene();
    for (let hour = 0; hour < 500; hour += 1) {
      const [id, at] = [`${inReview.id}/outcome/m/${hour}`, addSeconds(now, hour * 3600)];
      const told = { summary: `auc in hour ${hour}.`, body: {}, attachments: [] };
      await store.recordFact({ id, type: "outcome", at, promotion: inReview.id, ...told });
    }
    const { timeline, older } = await view();
    expect(older).toEqual({ letters: 0, drift: 0, outcomes: 300 });
    const outcomes = timeline.filter(({ type }) => type === "outcome");
    expect(outcomes).toHaveLength(200);
    expect(outcomes.at(-1)?.summary).toBe("auc in hour 499.");
  });

  it("is shown with what became of it, and with none of that where nothing did", async () => {
    const other = "p-00000000000000000000000000000001-1" as Promotion["id"];
    const asks = { forSeconds: 900, trafficPercent: 50, errorPercent: 1 };
    const signOff = { ...byCora.signOff, conditions: asks, passkey: { id: digestOf("passkey"), counter: 1 } };
    const seats = [{ role: "compliance-officer", person: cora.identity, signOff: signOff.id }];
    const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
    const became = { reason: "It drifted.", supersededBy: other, verdict };
    const promotion: Promotion = {
      ...{ ...inReview, ...became, status: "restricted", stage: openStage(1, { open: false }) },
      ...{ settled: [{ index: 0, seats }], restriction: restriction({ reapproval: other }) },
    };
    const { store, view } = scene(promotion, {}, [{ ...byCora, signOff }]);
    const { envelope, idToken, jwks } = byCora;
    await store.recordLoan({ signature: asked, envelope, idToken, jwks });
    const shown = await view();
    expect(shown).toMatchObject({ ...became, reapproval: other, loan: { requests: [{ id: asked.id }] } });
    expect(shown.conditions).toEqual({ forSeconds: 900, errorPercent: 1, traffic: { percent: 50, forSeconds: 900 } });
    expect(shown.signOffs).toMatchObject([{ conditions: asks, passkey: true }]);
    expect(shown.timeline.map(({ id: each }) => each)).toContain(`${id}/loan/${asked.id}`);
    const bare = await scene().view();
    for (const name of [...Object.keys(became), "reapproval", "reapproves", "loan", "conditions", "nothingLent"])
      expect(bare).not.toHaveProperty(name);
    for (const name of ["conditions", "passkey"]) expect(bare.signOffs[0]).not.toHaveProperty(name);
  });

  it("says of one in review that changes are frozen, and until when", async () => {
    const when = { from: addSeconds(now, -60), until: addSeconds(now, 60) };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const frozen = { policy: { ...policy, matrix: { ...policy.matrix, freezeWindows } } };
    expect((await scene(inReview, frozen).view()).changeFreeze).toEqual({ window: "Year end", until: when.until });
    expect(await scene().view()).not.toHaveProperty("changeFreeze");
    const ended = { ...inReview, status: "rejected" } as const;
    expect(await scene(ended, frozen).view()).not.toHaveProperty("changeFreeze");
  });

  it("says to whoever may lend why nothing is lent", async () => {
    const when = { from: addSeconds(now, -60), until: addSeconds(now, 60) };
    const freezeWindows = [{ name: "Year end", zone: "UTC", when, exceptions: [] }];
    const lending = { ...policy, matrix: { ...withLoans(), freezeWindows } };
    const { sha256 } = requirementsNow(lending, { manifest });
    const { view } = scene(
      { ...inReview, requirements: { sha256 } },
      {
        policy: lending,
        groups: ["commanders"],
        verifyPerson: async () => ({ ...olaf, authenticatedAt: now }),
      },
    );
    expect((await view()).nothingLent).toContain("Nothing is lent before.");
  });

  it("never shows a token, an envelope or an address", async () => {
    const text = JSON.stringify(await scene().view());
    expect(text).not.toContain(byCora.idToken);
    expect(text).not.toContain("cora@example.org");
  });

  it.each<[string, Promotion]>([
    ["at the gates", promotionAtTheGates()],
    ["between two stages", promotionInReview({ gates, stage: openStage(0, { open: false }) })],
    ["that is decided", promotionInReview({ gates, status: "rejected" })],
    [
      "that is verified",
      promotionInReview({
        gates,
        status: "approved",
        stage: openStage(1, { open: false }),
        verdict: { sha256: digestOf("verdict"), result: "PASSED", at: now },
      }),
    ],
  ])("asks for no sign-off %s", async (_, promotion) => {
    expect(await scene(promotion).view()).not.toHaveProperty("signOffContext");
  });

  it("says what a rejection signs of what is approved and not verified, as in a freeze window; nobody signs in another's place then", async () => {
    const approved = promotionInReview({ gates, status: "approved", stage: openStage(1, { open: false }) });
    expect(await scene(approved).view()).toMatchObject({
      signOffContext: signOffContextOf(approved, attestationBase),
      delegations: [],
    });
  });

  it("is judged by the requirements that it is pinned to, also when others are in force", async () => {
    const shown = await scene(inReview, { policy: stricterPolicy }).view();
    expect(shown.requirements).toEqual({ sha256: requirements.sha256, document: requirements.document });
  });

  it("is shown under the requirements in force until it was judged by any", async () => {
    const atTheGates = scene(promotionAtTheGates(), { policy: stricterPolicy, blobs: new MemoryBlobs() });
    expect((await atTheGates.view()).requirements.document).toMatchObject({ gates: { thresholds: { auc: 0.9 } } });
  });

  it("is there for the pipeline that asked, and not for another", async () => {
    expect((await scene().get("/v1/promotions/{id}", asMachine)).status).toBe(200);
    const stranger = scene(inReview, {
      verifyMachine: async () => ({ ...manifest.requester, subject: "machine/other" }),
    });
    expect((await refused(stranger.get("/v1/promotions/{id}", asMachine))).code).toBe("not-found");
    expect((await refused(stranger.get("/v1/promotions/{id}/attestations", asMachine))).code).toBe("not-found");
    expect((await stranger.get("/v1/promotions", asMachine)).json).toMatchObject({ promotions: [] });
  });

  it("tells sign-offs as they were given, whatever their ids are", async () => {
    const before = {
      ...byCora.signOff,
      id: sha256Hex(report),
      reviewerName: "Sam",
      recordedAt: addSeconds(byCora.signOff.recordedAt, -60),
    };
    const shown = await scene(inReview, {}, [byCora, { ...byCora, signOff: before }]).view();
    expect(shown.signOffs.map(({ reviewer }) => reviewer)).toEqual(["Sam", "Cora"]);
  });

  it("names the person who asked for it, where a person did", async () => {
    const asked = (requester: Identity) => scene({ ...inReview, manifest: { ...manifest, requester } }).view();
    expect((await asked(cora.identity)).requesterName).toBe("Cora");
    expect(await asked(manifest.requester)).not.toHaveProperty("requesterName");
  });

  it("tells what was reported of what drifted, where it asks to let that run on", async () => {
    const summary = "Drift was reported of credit-scoring 1.0.0 in production (psi 0.31).";
    const [first] = inReview.history;
    const drifted = {
      ...inReview,
      id: "p-00000000000000000000000000000001-1" as Promotion["id"],
      history: [{ ...first, type: "drift", at: inReview.submittedAt, summary }],
    } as Promotion;
    const { store, view } = scene({ ...inReview, reapproves: { promotion: drifted.id, frozen: [] } });
    store.put(drifted);
    expect(await view()).toMatchObject({ drift: summary, reapproves: drifted.id });
    expect(await scene().view()).not.toHaveProperty("drift");
  });

  it("names those who made it as the organisation does, where it knows them, each once", async () => {
    const account = { provider: "github", id: "4007" } as const;
    const lineage = { ...manifest.lineage, dataOwners: [{ account }, { account: { ...account, id: "5" } }] };
    const linked = { name: "Tomas Trainer", addresses: [], accounts: [account], identities: [], outside: true };
    const shown = await scene(
      { ...inReview, manifest: { ...manifest, lineage } },
      { policy: { ...policy, people: [linked] } },
    ).view();
    expect(shown.authorNames).toEqual([
      { author: { address: tom.address }, name: "Tom" },
      { author: { account }, name: "Tomas Trainer" },
    ]);
  });

  it.each([
    ["in review", {}],
    ["that is decided", { status: "deployed", settled: [0, 1].map((index) => ({ index, seats: [] })) }],
    ["that the gates stopped", { status: "blocked", stage: undefined }],
  ] as const)("names who holds a role of it and may not approve, of one %s", async (_, override) => {
    const shown = await scene({ ...inReview, ...override } as Promotion).view();
    const hand = "trained the model";
    expect(shown.barred).toEqual([{ identity: tom.identity, name: "Tom", hand }]);
  });

  it("tells whether the reader is one of those who are asked about the candidate", async () => {
    const as = async (identity: Identity) =>
      (await scene(inReview, { verifyPerson: async () => ({ ...person(sam.groups), identity }) }).view()).mayAnswer;
    expect([await as(tom.identity), await as(sam.identity)]).toEqual([true, undefined]);
    const { json } = await scene().get("/v1/promotions/{id}", asMachine);
    expect((json as PromotionView).mayAnswer).toBe(true);
  });

  it("is for those who hold a role somewhere", async () => {
    const stranger = scene(inReview, { verifyPerson: async () => person(["interns"]) });
    expect((await refused(stranger.get("/v1/promotions/{id}"))).code).toBe("forbidden");
  });

  it("never gives one kind of token to the other kind's verifier", async () => {
    const never = async (): Promise<never> => {
      throw new Error("This verifier must not see this token.");
    };
    expect((await scene(inReview, { verifyPerson: never }).get("/v1/promotions/{id}", asMachine)).status).toBe(200);
    expect((await scene(inReview, { verifyMachine: never }).get("/v1/promotions/{id}")).status).toBe(200);
  });

  it.each(["x", "", "../x", `${id}0`])("is not there under %j", async (given) => {
    expect((await refused(scene().get("/v1/promotions/{id}", { parameters: { id: given } }))).code).toBe("not-found");
  });

  it("is not shown to somebody who did not sign in", async () => {
    expect((await refused(scene().get("/v1/promotions/{id}", { headers: {} }))).code).toBe("unauthenticated");
  });
});

describe("a promotion's evidence", () => {
  const route = "/v1/promotions/{id}/evidence/{sha256}";
  const document = new Uint8Array(4 * 1024 * 1024).map((_, at) => at % 251);
  const frozen = {
    ...manifest.evidence[0],
    kind: "model-quality",
    format: "plain",
    name: "q.json",
    mediaType: "application/json",
    size: document.length,
    sha256: sha256Hex(document),
  } as const;
  const holding = { ...inReview, manifest: { ...manifest, evidence: [frozen] } };
  const read = (promotion: Promotion, sha256: string, query: Record<string, string> = {}) =>
    scene(promotion, { blobs: new MemoryBlobs([document, report]) }).get(route, { parameters: { id, sha256 }, query });

  it("comes byte for byte, in parts", async () => {
    const first = (await read(holding, frozen.sha256)).json as { content: string; next: number };
    const { json } = await read(holding, frozen.sha256, { offset: String(first.next) });
    expect(json).toMatchObject({ name: "q.json", kind: "model-quality", size: document.length, offset: first.next });
    expect(json).not.toHaveProperty("next");
    const parts = [first.content, (json as { content: string }).content].map(fromBase64);
    expect(sha256Hex(...parts)).toBe(frozen.sha256);
  });

  it("of the run in shadow comes too, once there is any", async () => {
    const evidence = { ...frozen, kind: "shadow-run", name: "_shadow-run.json" } as const;
    const ran: Promotion = { ...inReview, shadow: { plan: digestOf("plan"), askedAt: now, evidence } };
    const { json } = await scene(ran).get("/v1/promotions/{id}");
    expect(json).toMatchObject({ shadowReport: evidence });
    expect((await read(ran, evidence.sha256)).json).toMatchObject({ name: "_shadow-run.json", kind: "shadow-run" });
    expect((await refused(read(inReview, evidence.sha256))).code).toBe("not-found");
  });

  it.each<[string, Promotion, string]>([
    ["that the manifest does not name, though it is kept", holding, gates.report],
    ["that is no digest", holding, "q.json"],
    ["before the candidate was judged", { ...promotionAtTheGates(), manifest: holding.manifest }, frozen.sha256],
  ])("is not there %s", async (_, promotion, sha256) => {
    expect((await refused(read(promotion, sha256))).code).toBe("not-found");
  });

  it.each(["-1", "1.5", "x"])("does not begin at %s", async (offset) => {
    expect((await refused(read(holding, frozen.sha256, { offset }))).code).toBe("invalid-request");
  });
});

describe("a promotion's attestations", () => {
  it("are answered in pages that Lambda can give, each sign-off once, in the order in which they were recorded", async () => {
    // Small ones first: what a page holds is counted from its own beginning.
    const signOffs = Array.from({ length: 30 }, (_, at) => {
      const recordedAt = addSeconds(now, at);
      const payload = "A".repeat(at < 10 ? 1024 : 400 * 1024);
      return {
        ...byCora,
        signOff: { ...byCora.signOff, id: digestOf(`${at}`), recordedAt },
        envelope: { ...byCora.envelope, payload },
      };
    });
    const { get } = scene(inReview, {}, signOffs.toReversed());
    const ids: string[] = [];
    let pages = 0;
    for (let from: number | undefined = 0; from !== undefined; pages += 1) {
      const { json } = await get("/v1/promotions/{id}/attestations", { query: { from: String(from) } });
      expect(JSON.stringify(json).length).toBeLessThan(4 * 1024 * 1024);
      const page = json as { readonly signOffs: readonly { readonly id: string }[]; readonly next?: number };
      ids.push(...page.signOffs.map(({ id: each }) => each));
      from = page.next;
    }
    expect(ids).toEqual(signOffs.map(({ signOff }) => signOff.id));
    expect(pages).toBe(7);
    for (const from of ["-1", "1x", "x", "", "1234567"])
      expect((await refused(get("/v1/promotions/{id}/attestations", { query: { from } }))).code).toBe(
        "invalid-request",
      );
  });

  it("are the reader's own where that is asked for", async () => {
    const verifyPerson = async () => ({ ...cora, authenticatedAt: now });
    const query = { own: "true" };
    const mine = await scene(inReview, { verifyPerson }).get("/v1/promotions/{id}/attestations", { query });
    expect(mine.json).toMatchObject({ signOffs: [{ id: byCora.signOff.id }] });
    for (const other of [{}, asMachine]) {
      const another = await scene().get("/v1/promotions/{id}/attestations", { query, ...other });
      expect(another.json).toMatchObject({ signOffs: [] });
    }
  });

  it("have what lenders signed on the first page, and the reader's own of it where that is asked for", async () => {
    const { envelope, idToken, jwks } = byCora;
    const { get, store } = scene();
    await store.recordLoan({ signature: asked, envelope, idToken, jwks });
    const shown = async (query: Record<string, string>) =>
      (await get("/v1/promotions/{id}/attestations", { query })).json as { readonly loans?: readonly object[] };
    expect((await shown({})).loans).toEqual([{ id: asked.id, envelope, bundle: sigstoreBundle(envelope) }]);
    expect(await shown({ from: "1" })).not.toHaveProperty("loans");
    expect(await shown({ own: "true" })).not.toHaveProperty("loans");
  });

  it("are the envelopes and their Sigstore bundles, with the verdict's once there is one", async () => {
    const verdict = canonicalJsonBytes(byCora.envelope);
    await blobs.put(verdict);
    const decided = promotionInReview({
      gates,
      status: "approved",
      verdict: { sha256: sha256Hex(verdict), result: "PASSED", at: now },
    });
    const { json } = await scene(decided).get("/v1/promotions/{id}/attestations");
    expect(json).toEqual({
      promotion: id,
      freezeDigest: decided.freezeDigest,
      signOffs: [{ id: byCora.signOff.id, envelope: byCora.envelope, bundle: sigstoreBundle(byCora.envelope) }],
      verdict: { envelope: byCora.envelope, bundle: sigstoreBundle(byCora.envelope) },
    });
    expect(JSON.stringify(json)).not.toContain(byCora.idToken);
  });

  it("are none at another address", async () => {
    expect((await refused(scene().get("/v1/elsewhere"))).code).toBe("not-found");
  });
});

describe("under policies without a rule for the promotion any more", () => {
  it.each(policiesWithoutRule)("a promotion that was judged is shown as it was judged: %s", async (_, inForce) => {
    const { view } = scene(inReview, { policy: inForce });
    expect((await view()).requirements.document).toEqual(requirements.document);
  });

  it.each(["unavailable", "internal"] as const)(
    "nothing is said of its requirements where they cannot be read now: %s",
    async (code) => {
      const get = (of: string) =>
        of === requirements.sha256 ? Promise.reject(new Failure(code, "Not now.")) : blobs.get(gates.report);
      for (const [, inForce] of policiesWithoutRule)
        expect((await refused(scene(inReview, { policy: inForce, blobs: { get } }).view())).code).toBe(code);
      // Those in force are not shown in the place of those that are gone.
      const gone = scene(inReview, { policy: stricterPolicy, blobs: new MemoryBlobs() });
      expect((await refused(gone.view())).code).toBe("ledger-invalid");
    },
  );

  it.each(policiesWithoutRule)("one that never was says why it asks for nobody: %s", async (_, inForce) => {
    const { view } = scene(promotionAtTheGates(), { policy: inForce, blobs: new MemoryBlobs() });
    const { explanation, requirements: shown } = await view();
    expect(shown.document.rule.stages).toEqual([]);
    expect(explanation).toMatchObject({ status: "unreachable", why: expect.stringContaining("approval matrix") });
  });
});
