import { readFileSync } from "node:fs";
import { requireLoaded } from "../../core/encoding/policy-file.ts";
import type { ChannelKind } from "../../core/notification/channel.ts";
import { type ChannelRule, loadChannels } from "../../core/notification/load-channels.ts";
import { loadMessages, type Templates } from "../../core/notification/load-messages.ts";

/** Reads who is told what, and in which words. Throws `invalid-policy` with the file and the line. */
export function readChannelFiles(
  folder: URL,
  kinds: readonly ChannelKind[],
  roles: readonly string[],
): { readonly channels: readonly ChannelRule[]; readonly templates: Templates } {
  const text = (name: string) => readFileSync(new URL(name, folder), "utf8");
  return {
    channels: requireLoaded("channels.yaml", loadChannels(text("channels.yaml"), kinds, roles)),
    templates: requireLoaded("messages.yaml", loadMessages(text("messages.yaml"))),
  };
}
