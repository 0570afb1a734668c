import { readFileSync, renameSync, writeFileSync } from "node:fs";
import * as v from "valibot";

import { Failure } from "../core/failure.ts";

const person = v.strictObject({
  /** The `sub` of the person's tokens; never reused, never changed. */
  subject: v.pipe(v.string(), v.minLength(1)),
  username: v.pipe(v.string(), v.minLength(1)),
  password: v.pipe(v.string(), v.minLength(1)),
  name: v.pipe(v.string(), v.minLength(1)),
  email: v.pipe(v.string(), v.email()),
  groups: v.array(v.string()),
  enabled: v.boolean(),
});

/** One seeded person, who can sign in at the local identity provider. */
export type Person = v.InferOutput<typeof person>;

/** The people in one file, as they are at the moment of each call. */
export interface People {
  /** Everybody, disabled people too, in the order of the file. */
  everybody(): readonly Person[];
  bySubject(subject: string): Person | undefined;
  /** The person with this username; as Cognito does, a subject will do as well. */
  byUsername(username: string): Person | undefined;
}

/**
 * Reads the people from the JSON file `path` anew at each call, so that whoever edits it (see `writePeople`) removes
 * somebody from a group while everything runs. Throws `invalid-person` where the file is not as it should be.
 */
export function peopleIn(path: string): People {
  const everybody = () => parse(readFileSync(path, "utf8"), path);
  return {
    everybody,
    bySubject: (subject) => everybody().find((each) => each.subject === subject),
    byUsername: (username) => everybody().find((each) => each.username === username || each.subject === username),
  };
}

/** Replaces the people in the file `path` in one step, so that nobody ever reads half of it. */
export function writePeople(path: string, people: readonly Person[]): void {
  const text = `${JSON.stringify(people, undefined, 2)}\n`;
  parse(text, path);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function parse(text: string, path: string): readonly Person[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Failure("invalid-person", `The file of people ${path} is not JSON.`, { cause });
  }
  const parsed = v.safeParse(v.array(person), json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Failure(
      "invalid-person",
      `The file of people ${path} is wrong at ${v.getDotPath(issue)}: ${issue.message}.`,
    );
  }
  for (const member of ["subject", "username"] as const) {
    const values = parsed.output.map((each) => each[member]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) throw new Failure("invalid-person", `Two people have the ${member} ${twice} in ${path}.`);
  }
  return parsed.output;
}
