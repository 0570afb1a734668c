import {
  complain,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Loaded,
  list,
  type Place,
  readPolicyFile,
  slugOf,
  textOf,
} from "../encoding/policy-file.ts";

/** A pipeline that may submit candidates, recognised by claims of its CI system's token. */
export interface Machine {
  readonly name: string;
  /** The name of its issuer among the deployment's machine issuers. */
  readonly issuer: string;
  readonly provider: "github" | "gitlab";
  /** Every claim here must be in the token with exactly this value. Never `sub`, whose format changes. */
  readonly match: Readonly<Record<string, string>>;
  /** The models that it may submit, by name. */
  readonly submits: readonly string[];
  /** The models about which it may report what became of them in production, beside those that it submits. */
  readonly reports: readonly string[];
}

/** Whether a pipeline may tell what became of a model in production. */
export function mayReport({ submits, reports }: Machine, model: string): boolean {
  return submits.includes(model) || reports.includes(model);
}

// The claim that names a project for good: without it, whoever takes over a name takes over the pipeline.
const projectClaim = { github: "repository_id", gitlab: "project_id" } as const;

/** Reads policies/machines.yaml. */
export function loadMachines(text: string): Loaded<readonly Machine[]> {
  return readPolicyFile(text, (root) => {
    const { machines } = fieldsOf(root, ["machines"]);
    const read = itemsOf(machines).map(machineOf);
    const names = read.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (machines !== undefined && twice !== undefined) complain(machines, `The name '${twice}' is given twice.`);
    return read;
  });
}

function machineOf(place: Place): Machine {
  const { name, issuer, provider, match, submits, reports } = fieldsOf(
    place,
    ["name", "issuer", "provider", "match"],
    ["submits", "reports"],
  );
  if (submits === undefined && reports === undefined) complain(place, "Here stands 'submits', 'reports' or both.");
  const known = provider?.value === "gitlab" ? "gitlab" : "github";
  if (provider !== undefined && provider.value !== known)
    complain(provider, `Known providers are ${list(["github", "gitlab"])}.`);
  const claims = Object.fromEntries(
    (match === undefined ? [] : (entriesOf(match) ?? [])).map(([claim, value]) => [claim, textOf(value, 400)]),
  );
  if (match !== undefined && claims[projectClaim[known]] === undefined) {
    complain(
      match,
      `The claim '${projectClaim[known]}' is missing: a pipeline is recognised by its project's numeric id.`,
    );
  }
  if (match !== undefined && "sub" in claims)
    complain(match, "The claim 'sub' is not matched: its format is the CI system's to change.");
  return {
    name: slugOf(name),
    issuer: slugOf(issuer),
    provider: known,
    match: claims,
    submits: submits === undefined ? [] : itemsOf(submits).map((model) => slugOf(model)),
    reports: reports === undefined ? [] : itemsOf(reports).map((model) => slugOf(model)),
  };
}
