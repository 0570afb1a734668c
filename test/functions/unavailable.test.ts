import { describe, expect, it } from "vitest";
import { orUnavailable } from "../../functions/unavailable.ts";
import { refused } from "../core/refusal.ts";

const answering = (error: Error) =>
  orUnavailable("SageMaker")(async () => {
    throw error;
  })({});
const error = (name: string, more: object = {}) => Object.assign(new Error("as it was said"), { name, ...more });
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

describe("what a service's clients say", () => {
  it("is what it answered", async () => {
    expect(await orUnavailable("SageMaker")(async (given: number) => given + 1)(1)).toBe(2);
  });

  it.each([
    error("ThrottlingException", status(400)),
    error("TooManyRequestsException", status(429)),
    error("InternalFailure", status(500)),
    error("ServiceUnavailable", status(503)),
    error("TimeoutError"),
    error("Error", { code: "ECONNRESET" }),
  ])("is unavailable after $name: that may pass", async (fault) => {
    expect(await refused(answering(fault))).toEqual({
      code: "unavailable",
      sentence: "SageMaker does not answer at the moment.",
    });
  });

  it.each([
    error("AccessDeniedException", status(403)),
    error("ValidationException", status(400)),
    error("TypeError"),
    error("Error", { code: "ERR_INVALID_ARG_TYPE" }),
  ])("stays $name, which no second attempt changes", async (fault) => {
    await expect(answering(fault)).rejects.toBe(fault);
  });
});
