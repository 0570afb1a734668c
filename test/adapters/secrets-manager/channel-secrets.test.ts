import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import { channelSecrets } from "../../../adapters/secrets-manager/channel-secrets.ts";

function scene(answers: readonly (string | Error)[]) {
  let calls = 0;
  const clock = { ms: 0 };
  const send = async () => {
    const answer = answers[Math.min(calls, answers.length - 1)];
    calls += 1;
    if (answer instanceof Error) throw answer;
    return { SecretString: answer };
  };
  const secret = channelSecrets({ send } as unknown as SecretsManagerClient, "arn", () => clock.ms);
  return { secret, clock, calls: () => calls };
}

describe("the channels' secrets", () => {
  it("are read once in five minutes", async () => {
    const { secret, clock, calls } = scene(['{"slack":"one"}', '{"slack":"two"}']);
    expect(await Promise.all([secret("slack"), secret("slack"), secret("jira")])).toEqual(["one", "one", undefined]);
    clock.ms = 299_999;
    expect(await secret("slack")).toBe("one");
    expect(calls()).toBe(1);
    clock.ms = 300_000;
    expect(await secret("slack")).toBe("two");
  });

  it("that could not be read are asked for again", async () => {
    const { secret } = scene([new Error("throttled"), '{"slack":"one"}']);
    await expect(secret("slack")).rejects.toThrow("throttled");
    expect(await secret("slack")).toBe("one");
  });

  it.each(["", "xoxb-plain", '["xoxb"]', '{"slack":5}'])(
    "that are %j are refused without being quoted",
    async (text) => {
      await expect(scene([text]).secret("slack")).rejects.toThrow(/^The secret of the channels is not a JSON object/);
    },
  );

  it("do not come from an object's own members", async () => {
    expect(await scene(["{}"]).secret("constructor")).toBeUndefined();
  });

  it("are also those of a channel that is called as an object's own member", async () => {
    expect(await scene(['{"constructor":"one"}']).secret("constructor")).toBe("one");
  });

  it("are nowhere in a deployment without any", async () => {
    const secret = channelSecrets({} as SecretsManagerClient, "", () => 0);
    expect(await secret("slack")).toBeUndefined();
  });
});
