import * as v from "valibot";
import type { PeopleSnapshot } from "../../approval/people-snapshot.ts";
import { peopleSnapshotName } from "../../promotion/personal-documents.ts";
import { account, identity, text } from "./document-forms.ts";
import { documentReader } from "./json-document.ts";

const people: v.GenericSchema<PeopleSnapshot> = v.strictObject({
  peopleVersion: v.literal(1),
  salt: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  members: v.array(v.strictObject({ identity, address: text, groups: v.array(text), enabled: v.boolean() })),
  people: v.array(
    v.strictObject({
      addresses: v.array(text),
      accounts: v.array(account),
      identities: v.array(identity),
      outside: v.boolean(),
    }),
  ),
});

/** Reads `people.json`; throws `pack-invalid` or `newer-version`. */
export const readPeopleSnapshot = documentReader<PeopleSnapshot>({
  name: peopleSnapshotName,
  member: "peopleVersion",
  form: people,
});
