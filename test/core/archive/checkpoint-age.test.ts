import { describe, expect, it } from "vitest";
import { checkpointAge, type HeadTimes } from "../../../core/archive/checkpoint-age.ts";
import { type Instant, instantFromMs } from "../../../core/encoding/instant.ts";

const now = "2026-11-24T12:00:00.000Z" as Instant;
const ago = (seconds: number) => instantFromMs(Date.parse(now) - seconds * 1000);
const witness = (seconds: number) => ({ key: "witness.example/w1+0a1b2c3d", at: ago(seconds) });

function aged(times: Partial<HeadTimes> & { readonly maxAgeSeconds?: number } = {}) {
  const { maxAgeSeconds, ...rest } = times;
  const options = maxAgeSeconds === undefined ? { now } : { now, maxAgeSeconds };
  const { findings, unchecked } = checkpointAge({ at: ago(30), witnesses: [], ...rest }, options);
  return {
    findings: findings.map(({ code, path, sentence }) => `${code} ${path}: ${sentence}`),
    unchecked: unchecked.map(({ sentence }) => sentence),
  };
}
const nothing = { findings: [], unchecked: [] };

describe("how old the log's head is", () => {
  it("is nobody's question where no age was asked for", () => {
    expect(aged({ at: ago(10 * 365 * 86_400) })).toEqual(nothing);
  });

  it.each([
    [3600, nothing],
    [
      3601,
      {
        findings: [
          "checkpoint-too-old log/checkpoint: The checkpoint is 3601 seconds (60 minutes) old; 3600 seconds (60 minutes) are allowed. A newer one may say more.",
        ],
        unchecked: [],
      },
    ],
  ])("%i seconds by the log, where an hour is allowed", (seconds, expected) => {
    expect(aged({ at: ago(seconds), maxAgeSeconds: 3600 })).toEqual(expected);
  });

  it.each([{}, { maxAgeSeconds: 3600 }])("is said by the log with each, whatever a witness says, given %o", (asked) => {
    expect(checkpointAge({ witnesses: [witness(0)] }, { now, ...asked }).findings).toEqual([
      {
        code: "checkpoint-untimed",
        path: "log/checkpoint",
        sentence:
          "The checkpoint does not say when it was signed, and the log says so with each: how old it is cannot be judged, nor what should have happened by then.",
      },
    ]);
  });

  it("is what the witness saw, where the log alone signed an old head again", () => {
    const { findings } = aged({ at: ago(0), witnesses: [witness(30 * 86_400), witness(60)], maxAgeSeconds: 3600 });
    expect(findings).toEqual([
      "checkpoint-too-old log/checkpoint: The cosignature of the witness witness.example/w1+0a1b2c3d is 2592000 seconds (30 days) old; 3600 seconds (60 minutes) are allowed. A newer one may say more.",
    ]);
  });

  it.each([3600, 3601])("a witness that lags by %i seconds is told of from an hour on", (lag) => {
    const { findings, unchecked } = aged({ at: ago(30), witnesses: [witness(30 + lag)] });
    expect(findings).toEqual([]);
    expect(unchecked).toEqual(
      lag === 3600
        ? []
        : [
            "Whether the log showed others more: it signed its checkpoint again 3601 seconds after the witness witness.example/w1+0a1b2c3d last cosigned it. With --max-age, the witness's time counts as well.",
          ],
    );
  });

  it.each([-60, -61])("a clock that is %i seconds ahead", (seconds) => {
    const ahead = (what: string) =>
      `checkpoint-in-future log/checkpoint: ${what} is dated 61 seconds from now: dated ahead, it would not grow old.`;
    const { findings } = aged({ at: ago(seconds), witnesses: [witness(seconds)] });
    expect(findings).toEqual(
      seconds === -60
        ? []
        : [ahead("The checkpoint"), ahead("The cosignature of the witness witness.example/w1+0a1b2c3d")],
    );
  });
});
