import { expect, it } from "vitest";
import { channelKinds as checked } from "../../cli/policy/channel-kinds.ts";
import { channelKinds } from "../../functions/telling/channel-kinds.ts";

it("policy check knows the kinds of channel that the service has, and their settings", () => {
  const here = channelKinds({ SENDER_ADDRESS: "a@example.org", MAIL_CONFIGURATION_SET: "letters" });
  const known = (kinds: typeof checked) =>
    kinds.map(({ name, form, settings, secret }) => ({ name, form, settings, secret }));
  expect(known(checked)).toEqual(known(here));
});
