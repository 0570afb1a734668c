import { expect, it } from "vitest";
import { patientFetch } from "../../../../examples/credit-scoring/demo/patient-fetch.ts";

const address = "http://127.0.0.1:4580/v1/promotions/p-1";
const away = (headers: Record<string, string> = {}) => new Response('{"code":"unavailable"}', { status: 503, headers });
const cut = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("read ECONNRESET") }));

/** Answers one after the other, the last one for ever; pauses pass at once and move the clock. */
async function asked(
  request: Parameters<typeof patientFetch>[1],
  ...answers: readonly (() => Response | Promise<Response>)[]
) {
  const sent: RequestInit[] = [];
  const pauses: number[] = [];
  let clock = 0;
  const outcome = await patientFetch(address, request, {
    fetch: async (_, each) => {
      sent.push(each);
      return (answers[Math.min(sent.length, answers.length) - 1] ?? cut)();
    },
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      clock += milliseconds;
    },
    now: () => clock,
    random: (bytes) => new Uint8Array(bytes),
  }).catch((error: unknown) => error);
  return { outcome, sent, pauses };
}

const fine = () => new Response("{}", { status: 201 });

it("what is answered is asked once, a refusal too", async () => {
  const { outcome, sent } = await asked({}, () => new Response("{}", { status: 409 }));
  expect(outcome).toMatchObject({ status: 409 });
  expect(sent).toHaveLength(1);
});

it("a service that is away for a moment is asked the very same again, after the pause that it asks for", async () => {
  const request = { method: "POST", body: '{"a":1}' };
  const { outcome, sent, pauses } = await asked(request, () => away({ "retry-after": "2" }), cut, away, fine);
  expect(outcome).toMatchObject({ status: 201 });
  expect(sent).toEqual([request, request, request, request]);
  expect(pauses).toEqual([2_000, 1_000, 2_000]);
});

it("is asked with a new token each time where that is made anew: one that is over is refused", async () => {
  let tokens = 0;
  const request = async () => ({ headers: { authorization: `Bearer ${++tokens}` } });
  const { sent } = await asked(request, away, fine);
  expect(sent.map(({ headers }) => headers)).toEqual([{ authorization: "Bearer 1" }, { authorization: "Bearer 2" }]);
});

it("one that stays away is given up after two minutes, or as much longer as the machine is busy, in a sentence", async () => {
  const { outcome, pauses } = await asked({}, away);
  expect(outcome).toMatchObject({
    code: "unavailable",
    message: 'GET /v1/promotions/p-1 was answered 503: {"code":"unavailable"}',
  });
  const waited = pauses.reduce((sum, each) => sum + each, 0);
  expect(waited).toBeGreaterThanOrEqual(120_000);
  expect(waited).toBeLessThanOrEqual(4 * 120_000 + 10_000);
  expect(Math.max(...pauses)).toBe(10_000);
});

it("so is one that is not there", async () => {
  const { outcome } = await asked({ method: "POST" }, cut);
  expect(outcome).toMatchObject({ message: "POST /v1/promotions/p-1 was not answered: read ECONNRESET." });
});
