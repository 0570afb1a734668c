import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asTheyCount, type JudgedCandidate, keepInReview } from "../../../core/approval/carry-over.ts";
import { evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import type { Explanation } from "../../../core/approval/explanation.ts";
import { changedParts, partsAskedOtherwise, partsJudgedBeside } from "../../../core/approval/judged-parts.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Identity, identityKey } from "../../../core/promotion/identity.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { approvalInput, identity, member, now, one, roles, signOff, stage } from "./people-and-votes.ts";
import { both, changing, clara, dora, full, names, people, requirements, sam, whyOf } from "./superseded-candidate.ts";

describe("sign-offs of a promotion that is judged anew", () => {
  const again = (over: Partial<JudgedCandidate>, signOffs = [clara, dora, sam], more: object = {}) =>
    keepInReview(
      { manifest: full, requirements: without, promotion: { review: 1, invalidated: [], ...more } },
      { manifest: full, requirements: without, review: 2, ...over },
      { signOffs, members: people, objectors: people, people: [], excluded: new Map() },
    );
  const { carryOverSeconds: _, ...ruleWithout } = both;
  const without = {
    ...requirements,
    rule: ruleWithout,
    gates: { wasm: digestOf("wasm"), thresholds: { quality: {} } },
  };
  const gates = (thresholds: object): Partial<JudgedCandidate> => ({
    requirements: { ...without, gates: { ...without.gates, thresholds: { quality: {}, ...thresholds } as never } },
  });

  it("are kept in the next review, however old, where the gates ask the same of what the role judges", () => {
    const outcome = again(gates({ infrastructure: { deletions: 0 } }));
    expect(outcome.kept).toEqual([
      { signOff: clara, stage: 0, roles: ["compliance"], review: 2 },
      { signOff: dora, stage: 1, roles: ["data"], review: 2 },
    ]);
    expect(whyOf("sam", outcome)).toBe(
      "signed as 'SRE', which judges what the gates ask something else of now: 'infrastructure'",
    );
  });

  it("fall where the model is compared with another champion, or went otherwise in a shadow run", () => {
    const outcome = again({ beside: new Map([["_shadow-run.json", digestOf("drifted")]]) });
    expect(names(outcome)).toEqual(["clara", "sam"]);
    expect(whyOf("dora", outcome)).toBe(
      "signed as 'Lead data scientist', which judges what is compared with something else now: 'model'",
    );
  });

  it("fall with a stage that is asked for otherwise, all of it, and with nothing else", () => {
    const stages = [both.stages[0] ?? expect.unreachable(), stage("second", { all: [one("data"), one("sre", 2)] })];
    const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, stages } } });
    expect(names(outcome)).toEqual(["clara"]);
    expect(whyOf("dora", outcome)).toBe("signed for a stage that is asked for otherwise now");
  });

  it("fall where they were given under conditions that are ruled otherwise now", () => {
    const asked = { ...dora, conditions: { forSeconds: 60, errorPercent: 1 } };
    const rule = { ...ruleWithout, conditions: "forbidden" as const };
    const outcome = again({ requirements: { ...without, rule } }, [clara, asked]);
    expect(whyOf("dora", outcome)).toBe("signed under conditions, and which may be set is ruled otherwise now");
    expect(names(outcome)).toEqual(["clara"]);
  });

  it("fall where somebody signed because the stage had waited: it begins again", () => {
    const escalation = { afterSeconds: 60, to: "a" };
    const requirementsWith = { ...without, rule: { ...ruleWithout, escalation } };
    const al = signOff("al", ["a"], 4, { stage: 1 });
    const outcome = keepInReview(
      { manifest: full, requirements: requirementsWith, promotion: { review: 1, invalidated: [] } },
      { manifest: full, requirements: requirementsWith, review: 2 },
      { signOffs: [al], members: people, objectors: people, people: [], excluded: new Map() },
    );
    expect(whyOf("al", outcome)).toBe("signed as 'A' since the stage had waited so long, and it begins again");
  });

  it("that were kept once are kept again as they were given, and those of an earlier candidate are not", () => {
    const [other] = [{ ...dora, id: digestOf("other"), reviewer: identity("dora") }];
    const carried = [
      { signOff: { ...clara, review: 0 }, stage: 0, roles: ["compliance"], review: 1 },
      { signOff: other, stage: 1, roles: ["data"], review: 1 },
    ];
    const outcome = again({}, [{ ...clara, review: 0 }], { carried });
    expect(outcome.kept).toEqual([{ ...carried[0], review: 2 }]);
    expect(whyOf("dora", outcome)).toBe("signed for an earlier candidate, and that is kept once");
  });

  it.each([
    [{ shadow: { requests: 500 } }, ["clara", "sam"]],
    [{ somethingNew: true }, []],
    [{ expiresAfterSeconds: 60, carryOverSeconds: 60, onIntruder: "take-back" }, ["clara", "dora", "sam"]],
  ])("fall where the rule has what they judge looked at in another way: %o", (more, kept) => {
    const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, ...more } as Requirements["rule"] } });
    expect(names(outcome)).toEqual(kept);
  });

  it("that reject it stand on, whatever changed and whoever gave them, unless they were taken back", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const };
    const stricter = gates({ infrastructure: { deletions: 0 } });
    expect(again(stricter, [clara, no]).kept).toEqual([
      { signOff: clara, stage: 0, roles: ["compliance"], review: 2 },
      { signOff: no, stage: no.stage, roles: no.roles, review: 2 },
    ]);
    const withdrawn = { ...no, id: digestOf("withdrawn"), result: "withdraw" as const, recordedAt: addSeconds(now, 9) };
    expect(again(stricter, [no, withdrawn]).kept).toEqual([]);
    expect(again(stricter, [no], { invalidated: [{ signOff: no.id, why: "fell" }] }).kept).toEqual([]);
  });

  it("that reject it in a stage that there is as before stand in it, and were not moved", () => {
    const no = { ...clara, id: digestOf("no"), result: "reject" as const };
    const outcome = again({}, [no, dora]);
    expect(outcome.kept).toEqual([
      { signOff: dora, stage: 1, roles: ["data"], review: 2 },
      { signOff: no, stage: 0, roles: no.roles, review: 2 },
    ]);
    expect(outcome.moved).toEqual([]);
  });

  it("that reject it in a stage that is gone take their author's approval from the stage in which they stand alone", () => {
    const [first, second] = both.stages;
    if (first === undefined || second === undefined) return expect.unreachable();
    const before = { ...without, rule: { ...ruleWithout, stages: [{ ...first, name: "gone" }, first, second] } };
    const given = (stage: number) => [
      { ...clara, id: digestOf("no"), result: "reject" as const, stage: 0 },
      {
        ...clara,
        id: digestOf("yes"),
        stage,
        roles: [stage === 1 ? "compliance" : "sre"],
        groups: ["compliances", "sres"],
      },
    ];
    const members = [member("clara", "compliance", "sre")];
    const kept = (stage: number) =>
      keepInReview(
        { manifest: full, requirements: before, promotion: { review: 1, invalidated: [] } },
        { manifest: full, requirements: without, review: 2 },
        { signOffs: given(stage), members, objectors: members, people: [], excluded: new Map() },
      );
    expect(kept(1).kept.map(({ signOff: { result } }) => result)).toEqual(["reject"]);
    expect(kept(1).fallen.map(({ why }) => why)).toEqual([
      "rejected it in a stage that is gone, and that stands in this one",
    ]);
    expect(kept(2).kept.map(({ signOff: { result }, stage }) => [result, stage])).toEqual([
      ["approve", 1],
      ["reject", 0],
    ]);
  });

  it("fall where the rule has what the role judges looked at otherwise", () => {
    const shadow = { durationSeconds: 3600, requests: 10, withinSeconds: 7200, agreement: 0.9 };
    const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, shadow } } });
    expect(names(outcome)).toEqual(["clara", "sam"]);
    expect(whyOf("dora", outcome)).toBe(
      "signed as 'Lead data scientist', which judges what the rule has looked at in another way now: 'model'",
    );
  });

  it("that reject it in a stage that is gone, or goes by another name, stand in the first one", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const };
    const [first, second] = [both.stages[0], both.stages[1]];
    if (first === undefined || second === undefined) return expect.unreachable();
    for (const stages of [[first], [first, { ...second, name: "renamed" }]]) {
      const outcome = again({ requirements: { ...without, rule: { ...ruleWithout, stages } } }, [clara, no]);
      expect(outcome.kept).toEqual([
        { signOff: clara, stage: 0, roles: ["compliance"], review: 2 },
        { signOff: no, stage: 0, roles: no.roles, review: 2 },
      ]);
      expect(outcome.moved).toEqual([{ signOff: no.id, from: second.name, to: first.name }]);
    }
  });

  it("that reject it where they stand now outlive what the same person had approved there, whichever came first", () => {
    const no = { ...sam, id: digestOf("no"), result: "reject" as const, reviewer: clara.reviewer };
    const rule = { ...ruleWithout, stages: both.stages.slice(0, 1) };
    for (const recordedAt of [addSeconds(now, -9), addSeconds(clara.recordedAt, -9)]) {
      const outcome = again({ requirements: { ...without, rule } }, [clara, { ...no, recordedAt }]);
      expect(outcome.kept.map(({ signOff }) => signOff.id)).toEqual([no.id]);
      expect(whyOf("clara", outcome)).toBe("rejected it in a stage that is gone, and that stands in this one");
    }
  });

  it("count once: where they are kept, and no more where they were given", () => {
    const carried = [{ signOff: clara, stage: 1, roles: ["compliance"], review: 2 }];
    expect(asTheyCount([clara, dora], carried)).toEqual([dora, { ...clara, stage: 1, review: 2 }]);
    expect(asTheyCount([clara], [])).toEqual([clara]);
  });

  const change = fc.record({
    gates: fc.constantFrom(
      {},
      { quality: { auc: { min: 0.9 } } },
      { data: { maximumViolations: 1, allowedPii: [] } },
      { infrastructure: { deletions: 0 } },
      { unknown: 1 },
    ),
    beside: fc.constantFrom<readonly (readonly [string, string])[]>(
      [],
      [["shadow-run.json", "x"]],
      [["earlier-releases.json", "x"]],
    ),
    file: fc.constantFrom(undefined, ...full.artifacts, ...full.evidence),
    stages: fc.constantFrom(both.stages, both.stages.toReversed(), both.stages.slice(1)),
  });
  const twice = signOff("clara", ["compliance", "data"], 9, { stage: 1 });
  const given = fc.uniqueArray(fc.constantFrom(clara, dora, sam, twice), { selector: ({ id }) => id });

  it("are kept only where nothing that the role judges differs, whatever changed, and nobody fills two seats then", () => {
    fc.assert(
      fc.property(given, change, (signOffs, { gates: thresholds, beside, file: other, stages }) => {
        const manifest = other === undefined ? full : changing(other.name);
        const next = {
          ...without,
          rule: { ...ruleWithout, stages },
          gates: { ...without.gates, thresholds: { quality: {}, ...thresholds } as never },
        };
        const documents = new Map(beside.map(([name, content]) => [name, digestOf(content)] as const));
        const outcome = again({ manifest, requirements: next, beside: documents }, signOffs);
        const changed = [
          ...changedParts(full, manifest),
          ...partsAskedOtherwise(without.gates, next.gates),
          ...partsJudgedBeside(new Map(), documents),
        ];
        for (const { signOff: kept, roles: named, stage: index } of outcome.kept) {
          expect(stages[index]).toEqual(both.stages[kept.stage]);
          for (const role of named) {
            expect(kept.roles).toContain(role);
            expect(roles[role]?.judges.some((part) => changed.includes(part))).toBe(false);
          }
        }
        expect(outcome.kept.length + outcome.fallen.length).toBe(signOffs.length);
        const { explanation } = evaluateApproval(
          approvalInput({
            rule: next.rule,
            members: people,
            review: 2,
            signOffs: asTheyCount(signOffs, outcome.kept),
            invalidated: new Map(outcome.fallen.map(({ signOff: { id }, why }) => [id, why])),
          }),
        );
        const filled = seatsIn(explanation).map(identityKey);
        expect(new Set(filled).size).toBe(filled.length);
      }),
    );
  });
});

function seatsIn({ seats = [], children }: Explanation): readonly Identity[] {
  return [
    ...seats.flatMap(({ filledBy }) => (filledBy === undefined ? [] : [filledBy.identity])),
    ...children.flatMap(seatsIn),
  ];
}
