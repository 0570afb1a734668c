import { describe, expect, it } from "vitest";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { reviewerMark } from "../../../core/attestation/review-link.ts";
import { type Instant, minuteText } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { answerFact, questionFact } from "../../../core/promotion/question.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { type NotifyPorts, notify } from "../../../functions/events/notify/handler.ts";
import {
  cora,
  dana,
  digestOf,
  everybody,
  id,
  manifest,
  member,
  now,
  openStage,
  policiesWithoutRule,
  promotionInReview,
  tom,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { addresses, fact, plentyOfTime, portalUrl, scene } from "./notify-scene.ts";

const earlierId = id.replace(/.-1$/, "0-1") as typeof id;

const recorded = (signOff: SignOff): RecordedSignOff => ({
  signOff,
  envelope: { payloadType: "", payload: "", signatures: [] },
  idToken: "",
  jwks: { keys: [] },
});

describe("under policies without a rule for the promotion any more", () => {
  it.each(policiesWithoutRule)("nobody is asked: %s", async (_, inForce) => {
    const { letters, hear } = scene(promotionInReview(), everybody, { policy: inForce });
    await hear("stage-opened");
    expect(letters).toEqual([]);
  });

  it.each(policiesWithoutRule)("those who were asked are told how it ended: %s", async (_, inForce) => {
    const { promotions, letters, hear, ports } = scene();
    await hear("stage-opened");
    promotions.put(promotionInReview({ status: "blocked", reason: "There is no rule." }));
    await notify({ ...ports, policy: inForce })(
      { detail: { factId: "x", promotionId: id, type: "blocked" } },
      plentyOfTime,
    );
    expect(addresses(letters)).toEqual([cora.address, cora.address]);
    expect(letters[1]?.letter).toContain("There is no rule.");
  });
});

describe("a question", () => {
  const asker = { identity: cora.identity, name: cora.name };
  const question = questionFact(id, { id: "1", text: "Why was age left out?" }, asker, now);
  const answer = answerFact(id, String(question.body["question"]), "The law.", { ...asker, name: "Tom" }, now);

  it("goes to those who had a hand in the candidate, and its answer to whoever asked", async () => {
    const { promotions, letters, hear } = scene();
    await promotions.recordFact(question);
    await hear("question", id, question.id);
    expect(addresses(letters)).toEqual([tom.address]);
    expect(letters[0]?.letter).toContain("Why was age left out?");
    await promotions.recordFact(answer);
    await hear("answer", id, answer.id);
    expect(addresses(letters)).toEqual([tom.address, cora.address]);
    expect(letters[1]?.letter).toContain("The law.");
    expect(letters[1]?.link).toBe(`${portalUrl}/#/promotions/${id}`);
  });

  it("is told in its own words, and answered to whoever asked it, where several are asked", async () => {
    const { promotions, letters, hear } = scene();
    const second = questionFact(id, { id: "2", text: "And income?" }, { identity: dana.identity, name: "Dana" }, now);
    for (const each of [question, second]) await promotions.recordFact(each);
    await hear("question", id, second.id);
    expect(letters.map(({ letter }) => letter.includes("And income?"))).toEqual([true]);
    const said = answerFact(id, String(second.body["question"]), "It is.", { ...asker, name: "Tom" }, now);
    await promotions.recordFact(said);
    await hear("answer", id, said.id);
    expect(addresses(letters)).toEqual([tom.address, dana.address]);
  });

  it("is told once, and not at all where it is not there", async () => {
    const { promotions, letters, hear } = scene();
    await hear("question", id, question.id);
    await promotions.recordFact(question);
    await hear("question", id, question.id);
    await hear("question", id, question.id);
    expect(letters).toHaveLength(1);
  });
});

describe("the end of a promotion", () => {
  async function asked(members = everybody) {
    const world = scene(promotionInReview(), members);
    await world.hear("stage-opened");
    world.letters.length = 0;
    return world;
  }

  it("is told once to those who were asked, with its reason and no review link", async () => {
    const { promotions, letters, hear } = await asked();
    promotions.put(promotionInReview({ status: "rejected", reason: "No <capacity>." }));
    await hear("rejected");
    await hear("rejected");
    expect(letters.map(({ to, subject }) => [to?.address, subject])).toEqual([
      [cora.address, "credit-scoring 1.4.0 for production: rejected"],
    ]);
    expect(letters[0]?.letter).toContain("Reason: No <capacity>.");
    expect(letters[0]?.letter).toContain(`${portalUrl}/#/promotions/${id}`);
    expect(letters[0]?.letter).not.toContain("/r/");
  });

  it("is told to whoever started the run as well, without having been asked", async () => {
    const { promotions, letters, hear } = await asked();
    promotions.put(promotionInReview({ status: "deployed", startedBy: { address: "TOM@example.org" } }));
    await hear("deployed");
    expect(addresses(letters)).toEqual([cora.address, "tom@example.org"]);
  });

  it("is told once to whoever started the run and was asked", async () => {
    const { promotions, letters, hear } = await asked();
    promotions.put(promotionInReview({ status: "deployed", startedBy: { address: cora.address } }));
    await hear("deployed");
    expect(addresses(letters)).toEqual([cora.address]);
  });

  it.each([
    ["reminded", true],
    ["escalated", false],
  ] as const)("is told to those who were %s, without having been asked before: %s", async (purpose, isTold) => {
    const { promotions, letters, hear } = scene();
    const reviewer = reviewerMark(identityKey(dana.identity));
    await promotions.recordFact({ ...fact("notification-sent", { purpose, reviewer }), id: `${id}/${purpose}/1` });
    promotions.put(promotionInReview({ status: "rejected" }));
    await hear("rejected");
    expect(addresses(letters)).toEqual(isTold ? [dana.address] : []);
  });

  it.each([
    ["blocked", "Nobody can sign this away: mend what the reason names and submit the candidate again"],
    ["deployed", "There is nothing left for you to do."],
  ] as const)(
    "says what is left to do to whoever started the run, and to nobody else, where it is %s",
    async (status, left) => {
      const { promotions, letters, hear } = await asked();
      promotions.put(promotionInReview({ status, startedBy: { address: tom.address }, reason: "Accuracy is 0.7." }));
      await hear(status);
      expect(letters.map(({ to, letter }) => [to?.address, letter.split("\n\n")])).toEqual([
        [cora.address, expect.arrayContaining(["There is nothing left for you to do."])],
        [tom.address, expect.arrayContaining([expect.stringContaining(left)])],
      ]);
    },
  );

  it("says of policies that they are put in force, and of no model that is deployed in a target", async () => {
    const { promotions, letters, hear } = await asked();
    const { manifest } = promotionInReview();
    const model = { name: "policy", type: "policy", version: "Raise the AUC" };
    promotions.put(
      promotionInReview({
        status: "deployed",
        manifest: { ...manifest, model, target: { name: "policies", kind: "policy", endpoint: "in-force" } },
      }),
    );
    await hear("deployed");
    const { submittedAt } = promotionInReview();
    expect(letters[0]?.subject).toBe("The change of policies 'Raise the AUC' for this installation: put in force");
    expect(letters[0]?.letter).toContain(
      `\nThe change of policies 'Raise the AUC' for this installation, submitted ${minuteText(submittedAt)}, is put in force.`,
    );
    expect(letters[0]?.about).toMatchObject({ model: "policy", version: "Raise the AUC", status: "deployed" });
    const told = (await promotions.facts(id)).filter(({ type }) => type === "notification-sent");
    expect(told.at(-1)?.summary).toBe("Cora was told by email that the promotion is put in force.");
  });

  it("tells those who were asked, where a newer candidate took its place, that it asks by itself; and of which it is told", async () => {
    const { promotions, letters, hear } = await asked();
    promotions.put(promotionInReview({ status: "superseded", reason: "The newer candidate took its place." }));
    await hear("superseded");
    const { submittedAt } = promotionInReview();
    expect(letters[0]?.letter).toContain(`for production, submitted ${minuteText(submittedAt)}, is superseded.`);
    expect(letters[0]?.letter).toContain("Where the newer candidate needs you, you are asked in a letter of its own.");
    expect(letters[0]?.letter).not.toContain("nothing left");
  });

  it("is not told to somebody whose account is disabled meanwhile", async () => {
    const { promotions, letters, ports } = await asked();
    promotions.put(promotionInReview({ status: "deployed" }));
    const directory = memoryDirectory([{ ...cora, enabled: false }]);
    await notify({ ...ports, directory })({ detail: { promotionId: id, type: "deployed" } }, plentyOfTime);
    expect(letters).toEqual([]);
  });

  const told = [
    "blocked",
    "deployed",
    "rejected",
    "expired",
    "withdrawn",
    "superseded",
    "rolled-back",
    "failed",
    "restricted",
  ];
  it.each(statuses.map((status) => [status, told.includes(status)] as const))(
    "while it is %s is told: %s",
    async (status, expected) => {
      const { promotions, letters, hear } = await asked();
      promotions.put(promotionInReview({ status, stage: openStage(0, { open: false }) }));
      await hear("verdict");
      expect(letters.length > 0).toBe(expected);
    },
  );
});

describe("a signature that falls", () => {
  const given: SignOff = {
    id: digestOf("what Cora signed"),
    promotion: id,
    review: 1,
    stage: 0,
    result: "approve",
    reason: "",
    roles: ["compliance-officer"],
    reviewer: cora.identity,
    reviewerName: cora.name,
    groups: cora.groups,
    recordedAt: now,
  };
  const hears = async (
    body: Fact["body"],
    type: "seat-reopened" | "supersedes" = "seat-reopened",
    over: Partial<NotifyPorts> = {},
    started: Partial<Promotion> = {},
    signed: SignOff = given,
  ) => {
    const reopened = fact(type, body);
    const promotion = promotionInReview({ status: "gating", history: [reopened], ...started });
    const { ports, letters } = scene(promotion, everybody, over);
    const signOffs = async (of: unknown) => (of === id ? [recorded(signed)] : []);
    const hear = notify({ ...ports, promotions: { ...ports.promotions, signOffs } });
    await hear({ detail: { factId: reopened.id, promotionId: id, type } }, plentyOfTime);
    await hear({ detail: { factId: reopened.id, promotionId: id, type } }, plentyOfTime);
    return letters;
  };

  it("is told to whom gave it, once, with the reason", async () => {
    const letters = await hears({ fallen: [{ signOff: given.id, why: "no longer holds the role" }] });
    expect(addresses(letters)).toEqual([cora.address]);
    expect(letters[0]?.letter).toContain("Reason: no longer holds the role");
    expect(letters[0]?.subject).toBe("Your sign-off for credit-scoring 1.4.0 no longer counts");
  });

  it("is told to whoever started the run where a release broke its conditions alone, and somebody's fell by that", async () => {
    const started = { startedBy: { identity: tom.identity } };
    const fallen = [{ signOff: given.id, why: "no longer holds the role" }];
    expect(addresses(await hears({ fallen }, "seat-reopened", {}, started))).toEqual([cora.address]);
    const breach = { forSeconds: 3600, errorPercent: 1 };
    expect(await hears({ breach, fallen: [] }, "seat-reopened", {}, started)).toEqual([]);
  });

  it("because a release broke its conditions is told, and so is whoever started the run, each in a letter of its own", async () => {
    const started = { startedBy: { identity: tom.identity } };
    const breach = {
      breach: { forSeconds: 3600, errorPercent: 1 },
      fallen: [{ signOff: given.id, why: "its conditions were broken" }],
    };
    const letters = await hears(breach, "seat-reopened", {}, started);
    expect(addresses(letters)).toEqual([tom.address, cora.address]);
    expect(letters[0]?.subject).toMatch(/: taken back, and in review again$/);
    expect(letters[0]?.letter).toContain("It was approved under conditions, so it is in review again.");
    expect(letters[0]?.letter).toContain("What happened.");
    expect(letters[1]?.letter).toContain("Reason: its conditions were broken");
  });

  it.each([
    ["is refused", async () => ({ kind: "refused", code: "MessageRejected" }) as const],
    ["may not have left", () => Promise.reject(new Error("the connection was cut"))],
  ])("is told though another letter about it %s, and what is left of it is for the next run", async (_, posts) => {
    const fallen = [{ signOff: given.id, why: "its conditions were broken" }];
    const reopened = fact("seat-reopened", { breach: { forSeconds: 3600, errorPercent: 1 }, fallen });
    const started = { startedBy: { identity: tom.identity } };
    const { ports, letters, promotions } = scene(
      promotionInReview({ status: "gating", history: [reopened], ...started }),
    );
    const hear = notify({
      ...ports,
      promotions: { ...ports.promotions, signOffs: async () => [recorded(given)] },
      post: (channel, letter, again) =>
        letter.to?.address === tom.address ? posts() : ports.post(channel, letter, again),
    });
    const detail = { factId: reopened.id, promotionId: id, type: "seat-reopened" };
    for (const run of [1, 2, 3]) {
      expect(await refused(hear({ detail }, plentyOfTime)), `run ${run}`).toMatchObject({
        code: "unavailable",
        sentence: "1 messages were refused, or may not have left.",
      });
      expect(addresses(letters)).toEqual([cora.address]);
    }
    expect(promotions.recordedFacts().filter(({ type }) => type === "notification-sent")).toHaveLength(1);
  });

  it.each([new Error("the table is gone"), new Failure("internal", "the table is gone")])(
    "stops at what is no refusal of a letter: nobody after it is told (%s)",
    async (error) => {
      const fallen = [{ signOff: given.id, why: "its conditions were broken" }];
      const reopened = fact("seat-reopened", { breach: { forSeconds: 3600, errorPercent: 1 }, fallen });
      const started = { startedBy: { identity: tom.identity } };
      const { ports, letters } = scene(promotionInReview({ status: "gating", history: [reopened], ...started }));
      const recordFact = () => Promise.reject(error);
      const signOffs = async () => [recorded(given)];
      const hear = notify({ ...ports, promotions: { ...ports.promotions, signOffs, recordFact } });
      const detail = { factId: reopened.id, promotionId: id, type: "seat-reopened" };
      await expect(hear({ detail }, plentyOfTime)).rejects.toBe(error);
      expect(letters).toEqual([]);
    },
  );

  it("with a change of the requirements is told in the words of its record", async () => {
    const letters = await hears({ from: "a", to: "b", fallen: [given.id] });
    expect(letters[0]?.letter).toContain("Reason: What happened.");
  });

  it.each(policiesWithoutRule)("is told under policies without a rule for it as well: %s", async (_, inForce) => {
    const letters = await hears({ from: "a", to: "b", fallen: [given.id] }, "seat-reopened", { policy: inForce });
    expect(addresses(letters)).toEqual([cora.address]);
  });

  it("because a newer candidate took over is looked up where it was given", async () => {
    const why = "judges infrastructure, which changed";
    const body = { promotions: [{ id, freezeDigest: "0" }], kept: [], fallen: [{ signOff: given.id, why }] };
    expect(addresses(await hears(body, "supersedes"))).toEqual([cora.address]);
  });

  it.each([
    ["of another version", "1.3.0", "credit-scoring 1.3.0", "credit-scoring 1.4.0"],
    [
      "of the same version",
      "1.4.0",
      "credit-scoring 1.4.0, submitted 2026-11-22 09:00 UTC",
      `credit-scoring 1.4.0, submitted ${minuteText(promotionInReview().submittedAt)}`,
    ],
  ])("given for an earlier candidate %s names both, and why", async (_, version, signedFor, successor) => {
    const older = promotionInReview({
      id: earlierId,
      submittedAt: "2026-11-22T09:00:00.000Z" as Instant,
      manifest: { ...manifest, model: { ...manifest.model, version } },
    });
    const why = "signed as 'Compliance officer', which judges what has changed: 'model'";
    const supersedes = fact("supersedes", {
      promotions: [{ id: earlierId, freezeDigest: "0" }],
      kept: [],
      fallen: [{ signOff: given.id, why }],
    });
    const newer = promotionInReview({ status: "gating", history: [supersedes] });
    const { ports, letters } = scene(newer);
    const load = async (of: unknown) => (of === earlierId ? older : newer);
    const signOffs = async (of: unknown) => (of === earlierId ? [recorded(given)] : []);
    const hear = notify({ ...ports, promotions: { ...ports.promotions, load, signOffs } });
    await hear({ detail: { factId: supersedes.id, promotionId: id, type: "supersedes" } }, plentyOfTime);
    expect(letters[0]?.subject).toBe(`Your sign-off for ${signedFor} no longer counts`);
    expect(letters[0]?.letter).toBe(
      [
        "Hello Cora,",
        "",
        `What you signed for ${signedFor} no longer counts.`,
        `It is not taken over for ${successor}, which took its place in production.`,
        "",
        "Reason: You signed as 'Compliance officer', which judges what has changed: 'model'.",
        "",
        "If you are needed again, you are asked in a letter of its own.",
        letters[0]?.link,
      ].join("\n"),
    );
  });

  it.each(["here", "for the one before"])(
    "after it was kept %s is told to whoever gave it to an earlier one",
    async (where) => {
      const kept = { ...given, promotion: earlierId };
      const carried = [{ signOff: kept, stage: 0, roles: kept.roles, review: 1 }];
      const fallen = [{ signOff: kept.id, why: "signed under other gates" }];
      const middle = promotionInReview({ id: `${id.slice(0, -1)}7` as typeof id, carried });
      const [about, history] =
        where === "here"
          ? [{ carried }, fact("seat-reopened", { fallen })]
          : [{}, fact("supersedes", { promotions: [{ id: middle.id }], kept: [], fallen })];
      const { ports, letters } = scene(promotionInReview({ history: [history], ...about }));
      const load = async (of: typeof id) => (of === middle.id ? middle : await ports.promotions.load(of));
      const hear = notify({ ...ports, promotions: { ...ports.promotions, load, signOffs: async () => [] } });
      await hear({ detail: { factId: history.id, promotionId: id, type: history.type } }, plentyOfTime);
      expect(addresses(letters)).toEqual([cora.address]);
      expect(letters[0]?.letter).toContain("Reason: You signed under other gates.");
    },
  );

  it("is no rejection, which stands in another review: whoever gave it is told where", async () => {
    const rejection = { ...given, result: "reject" as const };
    const body = { review: 2, fallen: [], kept: [{ signOff: given.id, stage: 0, roles: given.roles, review: 2 }] };
    const letters = await hears(body, "seat-reopened", {}, {}, rejection);
    expect(addresses(letters)).toEqual([cora.address]);
    expect(letters[0]?.subject).toMatch(/^Your rejection stands: /);
    expect(letters[0]?.letter).toContain("What happened.");
    expect(await hears(body)).toEqual([]);
    const fell = { fallen: [{ signOff: given.id, why: "no longer holds the role" }] };
    expect(await hears(fell, "seat-reopened", {}, {}, rejection)).toEqual([]);
  });

  it("of nobody is told to nobody", async () => {
    expect(await hears({ fallen: [] })).toEqual([]);
  });
});

describe("a letter", () => {
  it("cannot be given another header or a tag by anybody's name", async () => {
    const mallory = { ...member("Mallory", "compliance-officers"), name: 'Mal\r\nBcc: x@evil.example <img src="x">' };
    const { letters, hear } = scene(
      promotionInReview({ manifest: { ...manifest, model: { ...manifest.model, version: "1\r\nX: y" } } }),
      [mallory],
    );
    await hear("stage-opened");
    expect(letters[0]?.subject).not.toMatch(/[\r\n]/);
    expect(letters[0]?.letter.split("\n")[0]).toBe('Hello Mal Bcc: x@evil.example <img src="x">,');
  });
});

describe("an event that is nobody's", () => {
  it.each([undefined, 5, "p-1", id.replace(/1$/, "2")])("about %j sends nothing", async (promotionId) => {
    const { letters, hear } = scene();
    await hear("stage-opened", promotionId ?? null);
    expect(letters).toEqual([]);
  });
});
