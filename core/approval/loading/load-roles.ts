import {
  complain,
  countOf,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Place,
  refuseRepeats,
  requireSlug,
  textOf,
  wordsOf,
} from "../../encoding/policy-file.ts";
import type { Judged, Role, SignInRequirement } from "../matrix.ts";
import { maximumSeats } from "../seats.ts";

const judged: readonly Judged[] = ["model", "data", "infrastructure"];

/** Reads `roles`: who holds each, what it judges, and what it asks of those who sign in it. */
export function rolesOf(place: Place | undefined): Readonly<Record<string, Role>> {
  const entries = place === undefined ? [] : (entriesOf(place) ?? []);
  if (place !== undefined && entries.length === 0) complain(place, "The matrix names no role.");
  return Object.fromEntries(
    entries.map(([name, role]) => {
      requireSlug(name, role);
      const fields = fieldsOf(
        role,
        ["title", "groups"],
        ["issuers", "judges", "rejectionsToStop", "signIn", "secondFactor"],
      );
      const groups = itemsOf(fields.groups).map((group) => textOf(group, 128));
      if (fields.groups !== undefined) refuseRepeats(fields.groups, groups);
      const issuers = fields.issuers === undefined ? undefined : itemsOf(fields.issuers).map((each) => issuerOf(each));
      if (fields.issuers !== undefined) refuseRepeats(fields.issuers, issuers ?? []);
      const judges = fields.judges === undefined ? [] : wordsOf(fields.judges, judged);
      if (fields.secondFactor !== undefined && fields.secondFactor.value !== "passkey")
        complain(fields.secondFactor, "The one second factor that is known is 'passkey'.");
      return [
        name,
        {
          title: textOf(fields.title, 80),
          groups,
          ...(issuers === undefined ? {} : { issuers }),
          ...(fields.rejectionsToStop === undefined
            ? {}
            : { rejectionsToStop: countOf(fields.rejectionsToStop, 1, maximumSeats) }),
          judges,
          ...(fields.signIn === undefined ? {} : { signIn: signInOf(fields.signIn) }),
          ...(fields.secondFactor === undefined ? {} : { secondFactor: "passkey" as const }),
        },
      ];
    }),
  );
}

function signInOf(place: Place): SignInRequirement {
  const { acr, amr } = fieldsOf(place, [], ["acr", "amr"]);
  if (acr === undefined && amr === undefined) complain(place, "This must have 'acr', 'amr' or both.");
  const values = (field: Place): readonly string[] => {
    const texts = itemsOf(field).map((each) => textOf(each, 200));
    refuseRepeats(field, texts);
    return texts;
  };
  return { ...(acr === undefined ? {} : { acr: values(acr) }), ...(amr === undefined ? {} : { amr: values(amr) }) };
}

/** Compared exactly with the `iss` of ID tokens, so nothing about it is guessed. */
function issuerOf(place: Place): string {
  const issuer = textOf(place, 320);
  if (issuer !== "" && !/^https?:\/\/[^\s?#]+$/.test(issuer))
    complain(place, "This must be an issuer as ID tokens name it, such as https://login.example.org/pool.");
  return issuer;
}
