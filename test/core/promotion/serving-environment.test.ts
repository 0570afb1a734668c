import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { servingImage } from "../../../core/promotion/serving-environment.ts";
import { codeOf, told } from "../refusal.ts";

const digest = `sha256:${"a".repeat(64)}`;
const environment = (reference: Json) => ({ image: { reference } });

const unnamed =
  "deployment-refused: The environment artifact does not name a container image by digest (image.reference).";

describe("the container image of a candidate", () => {
  it("is the one that its environment names by digest", () => {
    const reference = `000000000000.dkr.ecr.eu-west-1.amazonaws.com/scorer@${digest}`;
    expect(servingImage(environment(reference))).toBe(reference);
  });

  it.each([
    ["a tag", environment("registry.example/scorer:latest")],
    ["a tag and a short digest", environment("registry.example/scorer@sha256:abc")],
    ["two images", environment(`a@${digest} b@${digest}`)],
    ["something behind the digest", environment(`a@${digest}0`)],
    ["something before the image", environment(`-a@${digest}`)],
    ["an endless image", environment(`${"a".repeat(185)}@${digest}`)],
    ["nothing", {}],
  ])("is refused where the environment names %s", (_, document) => {
    expect(told(codeOf(() => servingImage(document)))).toBe(unnamed);
  });
});
