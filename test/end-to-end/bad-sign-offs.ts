import { describe, expect, it } from "vitest";
import { challengeOf, type SignOffStatement } from "../../core/attestation/sign-off-statement.ts";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import { approval } from "../../examples/credit-scoring/demo/acts.ts";
import { reviewerAt } from "../../examples/credit-scoring/demo/cast.ts";
import { refused } from "./refusals.ts";
import { forged, reissued, unsigned } from "./tokens.ts";
import type { Trial } from "./trial.ts";

/** Promotions for people to sign, or not. */
export interface Promotions {
  /** Two whose compliance stage is open. */
  readonly open: string;
  readonly other: string;
  /** One that was rejected, and a statement about it from before. */
  readonly rejected: string;
  readonly beforeRejection: SignOffStatement;
}

const asOfficer = { ...approval, roles: ["compliance-officer"] };
type Expected = Parameters<typeof refused>[2];

/** What `POST /v1/promotions/{id}/sign-offs` refuses. */
export function describeBadSignOffs(trial: Trial, promotions: () => Promotions): void {
  const officer = () => trial.cast.compliance;
  const statement = () => officer().statement(promotions().open, asOfficer);
  const pathOf = (id: string) => `/v1/promotions/${id}/sign-offs`;
  const refusedAt = (id: string, body: unknown, expected: Expected) =>
    refused(trial, { path: pathOf(id), body }, expected);

  describe("an ID token", () => {
    const seconds = () => Math.floor(Date.now() / 1000);
    const says = (token: string, changes: Readonly<Record<string, unknown>>) =>
      reissued(trial.stack, "identity", token, changes);

    it.each<[string, (token: string) => Promise<string>, Expected]>([
      ["that has expired", (token) => says(token, { exp: seconds() - 1 }), [401, "token-expired", /sign in again/]],
      [
        "of a foreign issuer",
        (token) => forged(token, { iss: "https://login.elsewhere.example" }),
        [401, "token-invalid", /issuer is not taken here/],
      ],
      ["signed by somebody else", (token) => forged(token), [401, "token-invalid", /trusted issuer/]],
      ["signed by nobody", async (token) => unsigned(token), [401, "token-invalid", /trusted issuer|signed/]],
      [
        "for another application",
        (token) => says(token, { aud: "another-app" }),
        [401, "token-invalid", /trusted issuer|another application/],
      ],
      [
        "of a session that began earlier",
        (token) => says(token, { auth_time: seconds() - 3600 }),
        [401, "not-fresh", /a decision needs a fresh sign-in/],
      ],
      [
        "that does not say when the person signed in",
        (token) => says(token, { auth_time: undefined }),
        [401, "not-fresh", /auth_time/],
      ],
      [
        "with another decision's nonce",
        () => officer().signIn("another-decision"),
        [401, "nonce-mismatch", /another decision/],
      ],
      [
        "in whose place a pipeline's is sent",
        () => trial.cast.pipeline.token(),
        [401, "token-invalid", /issuer is not taken here/],
      ],
    ])("%s signs nothing", async (_name, change, expected) => {
      const decision = await statement();
      const idToken = await change(await officer().signIn(challengeOf(decision)));
      await refusedAt(promotions().open, { statement: decision, idToken }, expected);
    });
  });

  describe("a statement", () => {
    const changed = (predicate: Partial<SignOffStatement["predicate"]>) => async (): Promise<SignOffStatement> => {
      const decision = await statement();
      return { ...decision, predicate: { ...decision.predicate, ...predicate } };
    };
    const now = () => instantFromMs(Date.now());

    it.each<[string, () => Promise<SignOffStatement>, Expected]>([
      [
        "about another promotion",
        () => officer().statement(promotions().other, asOfficer),
        [409, "statement-mismatch", /promotion/],
      ],
      [
        "for another stage",
        changed({ stage: { index: 1, name: "model and operations" } }),
        [409, "statement-mismatch", /\(stage\)/],
      ],
      [
        "under requirements that do not apply",
        changed({
          requirements: { sha256: "0".repeat(64) as SignOffStatement["predicate"]["requirements"]["sha256"] },
        }),
        [409, "statement-mismatch", /\(requirements\)/],
      ],
      [
        "that has expired",
        () => changed({ issuedAt: addSeconds(now(), -900), expiresAt: addSeconds(now(), -1) })(),
        [409, "statement-expired", /decide again/],
      ],
      [
        "from the future",
        () => changed({ issuedAt: addSeconds(now(), 300), expiresAt: addSeconds(now(), 600) })(),
        [409, "statement-expired", /clock of your computer/],
      ],
      ["with a role that is none", changed({ roles: ["Boss!"] }), [400, "invalid-request", /roles/]],
    ])("%s is refused", async (_name, made, expected) => {
      const decision = await made();
      const idToken = await officer().signIn(challengeOf(decision));
      await refusedAt(promotions().open, { statement: decision, idToken }, expected);
    });

    it("whose reason was altered after it was signed is refused", async () => {
      const decision = await statement();
      const idToken = await officer().signIn(challengeOf(decision));
      const altered = { ...decision, predicate: { ...decision.predicate, reason: "Ship it." } };
      await refusedAt(promotions().open, { statement: altered, idToken }, [401, "nonce-mismatch", /another decision/]);
    });

    it("in the name of somebody else than who signed in is refused", async () => {
      const decision = await statement();
      const idToken = await trial.cast.leadDataScientist.signIn(challengeOf(decision));
      await refusedAt(promotions().open, { statement: decision, idToken }, [
        409,
        "statement-mismatch",
        /somebody else than the person who signed in/,
      ]);
    });

    it("with something beside it is refused", async () => {
      const body = { statement: await statement(), idToken: "x", approved: true };
      await refusedAt(promotions().open, body, [400, "invalid-request", /approved/]);
    });

    it("about a promotion that is decided is refused", async () => {
      const { rejected, beforeRejection } = promotions();
      const idToken = await officer().signIn(challengeOf(beforeRejection));
      await refusedAt(rejected, { statement: beforeRejection, idToken }, [
        409,
        "already-decided",
        /is rejected already/,
      ]);
    });

    it("about a promotion that there is not is refused", async () => {
      const decision = await statement();
      const body = { statement: decision, idToken: await officer().signIn(challengeOf(decision)) };
      for (const id of ["p-00000000000000000000000000000000-1", "nonsense"]) {
        await refusedAt(id, body, [404, "not-found", /no such promotion/]);
      }
    });
  });

  describe("somebody", () => {
    it.each<[string, string, string, RegExp]>([
      ["whose role is asked later", "lars", "lead-data-scientist", /Ines Okafor/],
      ["who names a role that they do not hold", "mira", "compliance-officer", /Ines Okafor/],
    ])("%s cannot sign, and is told who could", async (_name, username, role, who) => {
      const person = reviewerAt(trial.stack, username);
      const decision = await person.statement(promotions().open, { ...approval, roles: [role] });
      const idToken = await person.signIn(challengeOf(decision));
      await refusedAt(promotions().open, { statement: decision, idToken }, [403, "not-entitled", who]);
    });

    it("without a role sees nothing and cannot sign", async () => {
      const priya = reviewerAt(trial.stack, "priya");
      const token = await priya.signIn("session");
      const path = `/v1/promotions/${promotions().open}`;
      await refused(trial, { method: "GET", path, token }, [403, "forbidden", /hold no role in any review/]);
      const mine = await statement();
      const { iss, sub } = { iss: trial.stack.addresses.issuer, sub: "0b9f6d2e-5a7c-4e0e-9a4b-1d6f3c2a7b05" };
      const decision = { ...mine, predicate: { ...mine.predicate, reviewer: { issuer: iss, subject: sub } } };
      const body = { statement: decision, idToken: await priya.signIn(challengeOf(decision)) };
      // She had a hand in this one, and may be told; of any other she learns nothing, not even that there is none.
      await refusedAt(promotions().open, body, [403, "not-entitled", /Ines Okafor/]);
      const unknown = "p-00000000000000000000000000000000-1";
      await refusedAt(unknown, body, [403, "forbidden", /hold no role in any review/]);
    });

    it("who sends the same sign-off twice has signed once", async () => {
      const decision = await officer().statement(promotions().other, asOfficer);
      const idToken = await officer().signIn(challengeOf(decision));
      const first = await officer().send(promotions().other, decision, idToken);
      expect(first.status).toBe(201);
      await trial.cast.pipeline.until(promotions().other, "stage 1", ({ stage }) => stage?.index === 1 && stage.open);
      // By now the stage is another one: the answer is what was recorded first, and nothing is signed twice.
      const second = await officer().send(promotions().other, decision, idToken);
      expect([second.status, second.body]).toEqual([200, first.body]);
      const { signOffs } = await trial.cast.pipeline.promotion(promotions().other);
      expect(signOffs).toHaveLength(1);
    });
  });
}
