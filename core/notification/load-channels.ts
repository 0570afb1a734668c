import {
  complain,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Loaded,
  list,
  type Place,
  type Reading,
  readPolicyFile,
  refuseRepeats,
  slugOf,
  textOf,
  wordsOf,
} from "../encoding/policy-file.ts";
import { normalAddress } from "../promotion/identity.ts";
import { type Purpose, purposes } from "../promotion/notification.ts";
import type { ChannelKind, Settings } from "./channel.ts";
import { oneLine } from "./message.ts";

/** One channel of policies/channels.yaml: how it reaches somebody, and whom about what. */
export interface ChannelRule {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly settings: Settings;
  /** The name under which its secret is kept. */
  readonly secret?: string;
  readonly purposes: readonly Purpose[];
  /** Only what concerns one of these roles; absent for all. */
  readonly roles?: readonly string[];
  /** Only these people, by normal address; absent for all. */
  readonly people?: readonly string[];
}

const own = ["name", "kind", "secret", "purposes", "roles", "people"] as const;

/** Reads policies/channels.yaml. `roles` are those of the approval matrix. */
export function loadChannels(
  text: string,
  kinds: readonly ChannelKind[],
  roles: readonly string[],
  reading: Reading = "new",
): Loaded<readonly ChannelRule[]> {
  return readPolicyFile(text, reading, (root) => {
    const { channelsVersion, channels } = fieldsOf(root, ["channelsVersion", "channels"]);
    if (channelsVersion !== undefined && channelsVersion.value !== 1) {
      complain(channelsVersion, "The one version known here is 1.");
    }
    const rules = itemsOf(channels).flatMap((place) => channelOf(place, kinds, roles) ?? []);
    if (channels !== undefined) {
      refuseRepeats(
        channels,
        rules.map(({ name }) => name),
      );
    }
    return rules;
  });
}

function channelOf(
  place: Place,
  kinds: readonly ChannelKind[],
  knownRoles: readonly string[],
): ChannelRule | undefined {
  const kindPlace = new Map(entriesOf(place)).get("kind");
  const kind = kinds.find(({ name }) => name === kindPlace?.value);
  if (kind === undefined) {
    const names = list(kinds.map(({ name }) => name));
    const unknown = typeof kindPlace?.value === "string" ? ` '${oneLine(kindPlace.value, 60)}' is none of them.` : "";
    complain(kindPlace ?? place, `A channel has a 'kind', one of ${names}.${unknown}`);
    return undefined;
  }
  const optional = Object.keys(kind.settings).filter((name) => kind.settings[name]?.optional === true);
  const required = Object.keys(kind.settings).filter((name) => !optional.includes(name));
  const fields: Partial<Record<string, Place>> = fieldsOf<string>(
    place,
    ["name", "kind", ...(kind.secret ? ["secret"] : []), ...required],
    [...own.filter((name) => name !== "secret"), ...optional],
  );
  const settings = settingsOf(kind, fields);
  const { purposes: about, roles, people } = fields;
  if (people !== undefined && kind.audience(settings) === "room") {
    complain(people, "This channel writes into a room, so it cannot choose people; choose roles.");
  }
  return {
    name: slugOf(fields["name"]),
    kind,
    settings,
    ...(fields["secret"] === undefined ? {} : { secret: slugOf(fields["secret"]) }),
    purposes: about === undefined ? purposes : wordsOf(about, purposes),
    ...(roles === undefined ? {} : { roles: wordsOf(roles, knownRoles) }),
    ...(people === undefined ? {} : { people: addressesOf(people) }),
  };
}

function settingsOf(kind: ChannelKind, fields: Partial<Record<string, Place>>): Settings {
  return Object.fromEntries(
    Object.entries(kind.settings).flatMap(([name, { pattern, sentence }]) => {
      const place = fields[name];
      if (place === undefined) return [];
      const text = textOf(place, 500);
      if (text !== "" && !pattern.test(text)) complain(place, sentence);
      return [[name, text]];
    }),
  );
}

function addressesOf(place: Place): readonly string[] {
  const addresses = itemsOf(place).map((item) => {
    const address = normalAddress(textOf(item, 320));
    if (address !== "" && !/^[^\s@]+@[^\s@]+$/.test(address)) complain(item, "This must be an email address.");
    return address;
  });
  refuseRepeats(place, addresses);
  return addresses;
}
