import type { Audience } from "../../core/notification/channel.ts";
import type { ChannelRule } from "../../core/notification/load-channels.ts";
import type { Message, Posted } from "../../core/notification/message.ts";

/** A channel as those see it who decide whom to tell. */
export interface OpenChannel extends Pick<ChannelRule, "name" | "purposes" | "roles" | "people"> {
  /** `email`, `slack`. */
  readonly kind: string;
  readonly form: string;
  readonly audience: Audience;
  readonly follows: boolean;
  /** Whether a message in doubt may be handed over once more. */
  readonly repeats: boolean;
}

export interface Channels {
  readonly channels: readonly OpenChannel[];
  /** Hands a message over by the channel of that name; `again` where an earlier attempt is in doubt. */
  readonly post: (channel: string, message: Message, again: boolean) => Promise<Posted>;
}

/** Opens the channels of the deployment. A secret that cannot be had stops its own channel and no other. */
export function openChannels(
  rules: readonly ChannelRule[],
  secret: (name: string) => Promise<string | undefined>,
): Channels {
  const opened = new Map(rules.map((rule) => [rule.name, { rule, sender: rule.kind.open(rule.settings) }]));
  return {
    channels: [...opened.values()].map(({ rule, sender }) => ({
      name: rule.name,
      purposes: rule.purposes,
      ...(rule.roles === undefined ? {} : { roles: rule.roles }),
      ...(rule.people === undefined ? {} : { people: rule.people }),
      kind: rule.kind.name,
      form: rule.kind.form,
      audience: rule.kind.audience(rule.settings),
      follows: rule.kind.follows === true,
      repeats: sender.postAgain !== undefined,
    })),
    post: async (name, message, again) => {
      const channel = opened.get(name);
      const send = again ? channel?.sender.postAgain : channel?.sender.post;
      if (channel === undefined || send === undefined) return { kind: "refused", code: "channel-missing" };
      if (channel.rule.secret === undefined) return send(message, "");
      let value: string | undefined;
      try {
        value = await secret(channel.rule.secret);
      } catch {
        // Nothing has left, whatever went wrong; the error may quote what was read.
        return { kind: "refused", code: "secret-unavailable" };
      }
      return value === undefined ? { kind: "refused", code: "secret-missing" } : send(message, value);
    },
  };
}
