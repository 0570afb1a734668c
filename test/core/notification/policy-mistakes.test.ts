import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { ChannelKind } from "../../../core/notification/channel.ts";
import { loadChannels } from "../../../core/notification/load-channels.ts";
import { loadMessages } from "../../../core/notification/load-messages.ts";
import { purposes } from "../../../core/promotion/notification.ts";
import { mistakesTable } from "../policy-mistakes.ts";

const pager: ChannelKind = {
  name: "pager",
  form: "note",
  settings: {
    number: { pattern: /^[0-9]+$/, sentence: "This must be a number to call." },
    tone: { pattern: /^[a-z]+$/, sentence: "This must be a tone.", optional: true },
  },
  secret: true,
  audience: () => "person",
  open: () => ({
    post: async () => {
      throw new Error("Nothing is sent while a file is read.");
    },
  }),
};
const channels = {
  channelsVersion: 1,
  channels: [
    {
      name: "night",
      kind: "pager",
      secret: "pager-key",
      number: "112",
      tone: "loud",
      purposes: ["asked", "told"],
      roles: ["sre"],
      people: ["ada@example.org"],
    },
  ],
};

const words = { subject: "{model}", letter: "Hello {name}\n{link}", note: "{model} is {status}.", button: "Look" };
const messages: Readonly<Record<string, Json>> = {
  messagesVersion: 1,
  ...Object.fromEntries(purposes.map((purpose) => [purpose, words])),
};

describe("what is said about a mistake, wherever it is", () => {
  it("in the file of channels", async () => {
    const load = (text: string) => loadChannels(text, [pager], ["sre", "officer"]);
    expect(load(JSON.stringify(channels))).toMatchObject({ kind: "loaded" });
    await expect(mistakesTable(channels, "channels", load, { purposes })).toMatchFileSnapshot(
      "./mistakes/channels.txt",
    );
  });

  it("in the file of messages", async () => {
    expect(loadMessages(JSON.stringify(messages))).toMatchObject({ kind: "loaded" });
    await expect(mistakesTable(messages, "told", loadMessages)).toMatchFileSnapshot("./mistakes/messages.txt");
  });
});
