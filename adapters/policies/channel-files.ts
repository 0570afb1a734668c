import { requireLoaded } from "../../core/encoding/policy-file.ts";
import type { ChannelKind } from "../../core/notification/channel.ts";
import { type ChannelRule, loadChannels } from "../../core/notification/load-channels.ts";
import { loadMessages, type Templates } from "../../core/notification/load-messages.ts";
import type { Policies } from "../../core/policy/load-policies.ts";

/** Reads who is told what by the policies in force, and in which words. Throws `invalid-policy` with the file and the line. */
export function readChannelFiles(
  { bundle: { texts }, matrix }: Pick<Policies, "bundle" | "matrix">,
  kinds: readonly ChannelKind[],
): { readonly channels: readonly ChannelRule[]; readonly templates: Templates } {
  const roles = Object.keys(matrix.roles);
  return {
    channels: requireLoaded("channels.yaml", loadChannels(texts["channels.yaml"], kinds, roles, "in-force")),
    templates: requireLoaded("messages.yaml", loadMessages(texts["messages.yaml"], "in-force")),
  };
}
