import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { servingImage } from "../../../core/promotion/serving-environment.ts";
import { codeOf, told } from "../refusal.ts";

const digest = `sha256:${"a".repeat(64)}`;
const environment = (reference: unknown) => utf8(JSON.stringify({ image: { reference } }));

const unnamed =
  "deployment-refused: The environment artifact does not name a container image by digest (image.reference).";
const unread = "deployment-refused: The environment artifact is not JSON, so no container image can be read from it.";

describe("the container image of a candidate", () => {
  it("is the one that its environment names by digest", () => {
    const reference = `000000000000.dkr.ecr.eu-west-1.amazonaws.com/scorer@${digest}`;
    expect(servingImage(environment(reference))).toBe(reference);
  });

  it.each([
    ["a tag", environment("registry.example/scorer:latest"), unnamed],
    ["a tag and a short digest", environment("registry.example/scorer@sha256:abc"), unnamed],
    ["two images", environment(`a@${digest} b@${digest}`), unnamed],
    ["something behind the digest", environment(`a@${digest}0`), unnamed],
    ["something before the image", environment(`-a@${digest}`), unnamed],
    ["an endless image", environment(`${"a".repeat(185)}@${digest}`), unnamed],
    ["nothing", utf8("{}"), unnamed],
    ["what is not JSON", utf8("FROM scratch"), unread],
    ["what is no text", new Uint8Array([0xff, 0xfe]), unread],
  ])("is refused where the environment names %s", (_, bytes, refusal) => {
    expect(told(codeOf(() => servingImage(bytes)))).toBe(refusal);
  });
});
