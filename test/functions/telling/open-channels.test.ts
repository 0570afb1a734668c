import { describe, expect, it } from "vitest";
import { teams } from "../../../adapters/teams/teams.ts";
import { purposes } from "../../../core/promotion/notification.ts";
import { openChannels } from "../../../functions/telling/open-channels.ts";
import { message, otherEnd } from "../../adapters/message.ts";

const rule = {
  name: "ops",
  kind: teams(otherEnd(() => ({ status: 202 })).exchange),
  settings: {},
  secret: "ops",
  purposes,
};

describe("a channel whose secret", () => {
  it.each([
    ["is there", () => Promise.resolve("https://teams.example/x"), { kind: "sent" }],
    ["is missing", () => Promise.resolve(undefined), { kind: "refused", code: "secret-missing" }],
    ["cannot be read", () => Promise.reject(new Error("denied")), { kind: "refused", code: "secret-unavailable" }],
  ] as const)("%s", async (_, secret: () => Promise<string | undefined>, expected) => {
    expect(await openChannels([rule], secret).post("ops", message(), false)).toMatchObject(expected);
  });

  it("is not asked for where there is no such channel", async () => {
    const never = () => Promise.reject(new Error("asked"));
    expect(await openChannels([], never).post("ops", message(), false)).toEqual({
      kind: "refused",
      code: "channel-missing",
    });
  });
});
