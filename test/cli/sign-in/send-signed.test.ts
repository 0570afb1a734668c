import { describe, expect, it } from "vitest";
import { apiClient } from "../../../cli/service/api-client.ts";
import { sendSigned } from "../../../cli/sign-in/send-signed.ts";
import { statementAbout } from "../../../core/attestation/statement.ts";
import { Failure } from "../../../core/failure.ts";
import { digestOf } from "../../core/promotion/promotion-in-review.ts";
import { recordedSurroundings } from "../recorded-surroundings.ts";
import { type StubAnswer, stubService } from "../stub-service.ts";

const statement = statementAbout(digestOf("freeze.json"), "https://a.example/attestation/sign-off/v1", {});
const id = digestOf("what was signed");
const recorded: StubAnswer = { status: 201, body: { id, recordedAt: "2026-11-23T12:00:00.000Z" } };
const busy: StubAnswer = { status: 429, body: { code: "unavailable", detail: "There are too many requests." } };
const refused: StubAnswer = { status: 409, body: { code: "already-decided", detail: "The promotion is rejected." } };

/** Hands a signed statement in at a service that answers so, the last answer over and over. */
async function sent(...answers: readonly StubAnswer[]) {
  let at = 0;
  const { url, requests } = await stubService({
    "POST /v1/sign-offs": () => answers[Math.min(at++, answers.length - 1)] ?? recorded,
  });
  const world = recordedSurroundings();
  const signed = {
    path: "/v1/sign-offs",
    statement,
    idToken: "header.claims.sig",
    shownBy: "countersign status",
    done: "It is recorded.",
  };
  const came = await sendSigned(apiClient(url), signed, world).catch((error: unknown) => error as Failure);
  return { came, requests, world };
}

describe("what is signed", () => {
  it("is handed in with the token that signs it", async () => {
    const { came, requests, world } = await sent(recorded);
    expect(came).toEqual({ id, body: recorded.body });
    expect(requests).toMatchObject([
      { body: { statement, idToken: "header.claims.sig" }, authorization: "Bearer header.claims.sig" },
    ]);
    expect(world.noted).toEqual(["It is recorded."]);
  });

  it("is told as recorded where nothing rests on it, and why", async () => {
    const late = "The verdict was signed before it arrived, and does not rest on it.";
    const body = { ...Object(recorded.body), late };
    const { came, requests, world } = await sent({ status: 201, body });
    expect(came).toEqual({ id, body });
    expect(world.noted).toEqual([`It is recorded. ${late}`]);
    expect(requests).toHaveLength(1);
  });

  it("is handed in again, as it is, where what keeps it from being taken may pass", async () => {
    const { came, requests, world } = await sent(busy, { status: 503, body: {} }, recorded);
    expect(came).toEqual({ id, body: recorded.body });
    expect(new Set(requests.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(requests).toHaveLength(3);
    expect(world.noted).toEqual([
      "There are too many requests. (unavailable) It is signed, and is sent again.",
      "It is recorded.",
    ]);
  });

  it("is not handed in again where it is refused", async () => {
    const { came, requests } = await sent(busy, refused);
    expect(came).toMatchObject({ code: "invalid-request", message: "The promotion is rejected. (already-decided)" });
    expect(requests).toHaveLength(2);
  });

  it("is given up after two minutes, with what shows whether it is recorded", async () => {
    const { came, world } = await sent(busy);
    expect(came).toBeInstanceOf(Failure);
    expect(came).toMatchObject({
      code: "unavailable",
      message:
        "There are too many requests. (unavailable) It is signed, and may be recorded or not: 'countersign status' shows it. If it does not within a minute, sign again.",
    });
    const waited = world.pauses.reduce((sum, each) => sum + each, 0);
    expect(waited).toBeGreaterThanOrEqual(120_000);
    expect(waited).toBeLessThan(130_000);
  });
});
