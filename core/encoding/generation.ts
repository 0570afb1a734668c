import { Failure } from "../failure.ts";

/** Ways of making a document, by the version that a document made so names. The greatest is the one in use. */
export type Generations<Make> = ReadonlyMap<number, Make>;

/**
 * How a document was made, so that verification can make it again as it was made then. What names no version that is
 * known is held against the newest, and does not come out as that. Throws `newer-version`.
 */
export function madeBy<Make>(name: string, version: number | undefined, generations: Generations<Make>): Make {
  const newest = Math.max(...generations.keys());
  refuseNewer(name, version, newest);
  const make = generations.get(version ?? newest) ?? generations.get(newest);
  if (make === undefined) throw new Failure("internal", `Nothing is known that makes ${name}.`);
  return make;
}

/** Throws `newer-version` where a document says that it is of a later version than is known here. */
export function refuseNewer(name: string, version: number | undefined, newest: number): void {
  if (version !== undefined && version > newest) throw newerVersion(`${name} is of version ${version}`);
}

/** What is right may be beyond what is known here: that is no verdict on it. */
export function newerVersion(what: string): Failure {
  return new Failure("newer-version", `${what}: it could not be checked, since a newer Countersign made it.`);
}

/** The version that a document of anybody's says it is of; `undefined` where it says none. */
export function versionIn(document: unknown, member: string): number | undefined {
  const version =
    typeof document === "object" && document !== null ? (document as Readonly<Record<string, unknown>>)[member] : null;
  return Number.isSafeInteger(version) ? Number(version) : undefined;
}
