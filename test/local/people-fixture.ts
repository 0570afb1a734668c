import { join } from "node:path";

import { type Person, writePeople } from "../../local/people.ts";

export const ada: Person = {
  subject: "0d9a2b1e-0000-4000-8000-000000000001",
  username: "ada",
  password: "correct horse",
  name: "Ada Lovelace",
  email: "ada@example.test",
  groups: ["lead-data-scientist", "sre"],
  enabled: true,
};

export const grace: Person = {
  subject: "0d9a2b1e-0000-4000-8000-000000000002",
  username: "grace",
  password: "battery staple",
  name: "Grace <Hopper>",
  email: "grace@example.test",
  groups: ["compliance-officer"],
  enabled: true,
};

/** Writes `people` (Ada and Grace) into a file under `directory`; answers its path. */
export function peopleFileIn(directory: string, people: readonly Person[] = [ada, grace]): string {
  const path = join(directory, "people.json");
  writePeople(path, people);
  return path;
}
