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
  slugOf,
  textOf,
} from "../../encoding/policy-file.ts";

export const machineProviders = ["github", "gitlab", "jenkins", "aws", "kubernetes"] as const;

/** Whose tokens: which claims they have, and which of them tells one pipeline from all others. */
export type MachineProvider = (typeof machineProviders)[number];

/** A pipeline that may submit candidates, recognised by claims of its CI system's token. */
export interface Machine {
  readonly name: string;
  /** The name of its issuer among the deployment's machine issuers. */
  readonly issuer: string;
  readonly provider: MachineProvider;
  /** Every claim here must be in the token with exactly this value. */
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

/**
 * The claim by which a pipeline is told from all others. GitHub and GitLab have numbers for it: whoever takes over a name
 * does not get the number, and the format of `sub` is theirs to change. Jenkins knows a job by its URL alone, and AWS a
 * workload by its role's ARN; both say it in `sub`.
 */
const identifyingClaims: Readonly<Record<MachineProvider, { readonly claim: string; readonly because: string }>> = {
  github: { claim: "repository_id", because: "a pipeline is recognised by its project's numeric id" },
  gitlab: { claim: "project_id", because: "a pipeline is recognised by its project's numeric id" },
  jenkins: { claim: "sub", because: "a pipeline is recognised by its job's URL" },
  aws: { claim: "sub", because: "a pipeline is recognised by the ARN of its role" },
  kubernetes: { claim: "sub", because: "a workload is recognised by its service account" },
};

/** Reads policies/machines.yaml. */
export function loadMachines(text: string, reading: Reading = "new"): Loaded<readonly Machine[]> {
  return readPolicyFile(text, reading, (root) => {
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
  if (submits === undefined && reports === undefined) complain(place, "This must have 'submits', 'reports' or both.");
  const known = machineProviders.find((each) => each === provider?.value) ?? "github";
  if (provider !== undefined && provider.value !== known)
    complain(provider, `Known providers are ${list(machineProviders)}.`);
  const claims = Object.fromEntries(
    (match === undefined ? [] : (entriesOf(match) ?? [])).map(([claim, value]) => [claim, textOf(value, 400)]),
  );
  const { claim: identifying, because } = identifyingClaims[known];
  if (match !== undefined && claims[identifying] === undefined)
    complain(match, `The claim '${identifying}' is missing: ${because}.`);
  if (match !== undefined && identifying !== "sub" && "sub" in claims)
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
