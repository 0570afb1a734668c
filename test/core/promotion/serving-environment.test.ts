import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { servingImage } from "../../../core/promotion/serving-environment.ts";
import { codeOf } from "../refusal.ts";

const digest = `sha256:${"a".repeat(64)}`;
const environment = (reference: unknown) => utf8(JSON.stringify({ image: { reference } }));

describe("the container image of a candidate", () => {
  it("is the one that its environment names by digest", () => {
    const reference = `000000000000.dkr.ecr.eu-west-1.amazonaws.com/scorer@${digest}`;
    expect(servingImage(environment(reference))).toBe(reference);
  });

  it.each([
    ["a tag", environment("registry.example/scorer:latest")],
    ["a tag and a short digest", environment("registry.example/scorer@sha256:abc")],
    ["two images", environment(`a@${digest} b@${digest}`)],
    ["nothing", utf8("{}")],
    ["what is not JSON", utf8("FROM scratch")],
  ])("is refused where the environment names %s", (_, bytes) => {
    expect(codeOf(() => servingImage(bytes)).code).toBe("deployment-refused");
  });

  it("is refused where the environment is no text", () => {
    expect(codeOf(() => servingImage(new Uint8Array([0xff, 0xfe]))).code).toBe("deployment-refused");
  });
});
