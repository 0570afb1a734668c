import { describe, expect, it } from "vitest";
import { step } from "../../functions/steps/step.ts";
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
    error("DisabledException", status(400)),
    error("KMSInvalidStateException", status(400)),
    // As Cognito says it, with which thirty listings a second of a user pool are too many; and a table.
    error("TooManyRequestsException", status(400)),
    error("ProvisionedThroughputExceededException", status(400)),
    // Two who decide in one instant; https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    error("TransactionConflictException", status(400)),
    error("TransactionCanceledException", {
      ...status(400),
      CancellationReasons: [{ Code: "None" }, { Code: "ThrottlingError" }],
    }),
    // A document that others keep as well, for as long as they do.
    error("ConditionalRequestConflict", status(409)),
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
    error("TransactionCanceledException", { ...status(400), CancellationReasons: [{ Code: "ValidationError" }] }),
    error("TypeError"),
    error("Error", { code: "ERR_INVALID_ARG_TYPE" }),
  ])("stays $name, which no second attempt changes", async (fault) => {
    await expect(answering(fault)).rejects.toBe(fault);
  });
});

describe("a step of the state machine", () => {
  const nameOf = async (thrown: Error) =>
    await step(
      async () => {
        throw thrown;
      },
      () => {},
    )({ promotionId: "p-1" }).then(
      () => "",
      ({ name }: Error) => name,
    );

  it("is tried again by the machine after what passes, whichever service said it", async () => {
    expect(await nameOf(error("TooManyRequestsException", status(400)))).toBe("unavailable");
    expect(await nameOf(error("SlowDown", status(503)))).toBe("unavailable");
  });

  it("is not after anything else", async () => {
    expect(await nameOf(error("AccessDeniedException", status(400)))).toBe("AccessDeniedException");
  });
});
