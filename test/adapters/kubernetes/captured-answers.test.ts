import { expect, it } from "vitest";
import { capturedAnswers } from "../../../adapters/kubernetes/captured-answers.ts";
import type { Shadowing } from "../../../core/deployment/shadow-target.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { type CaptureLines, readCaptures } from "../../../core/gates/shadow/captures.ts";
import { digestOf, id } from "../../core/promotion/promotion-in-review.ts";
import { target } from "./releases.ts";

const at = (minute: number, second = 0) => instantFromMs(Date.UTC(2026, 10, 26, 10, minute, second));
const shadowing: Shadowing = {
  promotion: id,
  target,
  run: { plan: digestOf("plan"), askedAt: at(0), since: at(4, 30), endedAt: at(6) },
};
const line = (inferenceTime: string, score: string) =>
  JSON.stringify({
    captureData: {
      endpointInput: { data: "row", encoding: "CSV" },
      endpointOutput: { data: score, encoding: "CSV" },
    },
    eventMetadata: { inferenceTime },
  });

it.each([
  ["champion", "cluster/credit-scoring/"],
  ["candidate", "cluster/credit-scoring-shadow/"],
] as const)("of the %s are what was answered while both ran, and nothing of another time", async (of, below) => {
  const asked: (readonly string[])[] = [];
  const file = [
    line("2026-11-26T10:04:29Z", "0.1"),
    line("2026-11-26T10:04:30Z", "0.2"),
    "torn",
    line("2026-11-26T11:06:00+01:00", "0.3"),
    line("2026-11-26T10:06:01Z", "0.4"),
  ].join("\n");
  const read = capturedAnswers(
    async function* (...where) {
      asked.push(where);
      yield utf8(file);
    },
    shadowing,
    target,
    of,
  );
  const files: CaptureLines[] = [];
  for await (const each of read) files.push(readCaptures(each));
  const [found, ...more] = files;
  // A quarter of an hour before it began a file may have been opened that is written to still.
  expect(asked).toEqual([[below, "2026/11/26/09/49", "2026/11/26/10/06~"]]);
  expect(found?.captures.map(({ answer }) => answer.data)).toEqual(["0.2", "0.3"]);
  expect([found?.unreadable, more]).toEqual([1, []]);
});
