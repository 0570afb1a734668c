import type { MachineProvider } from "../approval/loading/load-machines.ts";
import type { Note, ReadPolicies } from "./policy-files.ts";

/** What machines.yaml lets pipelines do, by itself and beside the matrix. */
export function checkMachines(read: ReadPolicies, note: Note): void {
  checkClassified(read, note);
  checkPlacesOfRun(read, note);
}

/** What the tokens of these say of the branch or the environment that a run is of, beside its project. */
const placesOfRun: Readonly<Partial<Record<MachineProvider, readonly string[]>>> = {
  // https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
  github: ["environment", "ref", "ref_protected", "job_workflow_ref", "workflow_ref"],
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
  gitlab: ["environment", "environment_protected", "ref", "ref_protected", "ref_path", "ci_config_ref_uri"],
};

/** Whoever may write to any branch of a project writes what runs there, and what runs there has the project's tokens. */
function checkPlacesOfRun({ machines = [] }: ReadPolicies, note: Note): void {
  for (const [index, { name, provider, match, submits }] of machines.entries()) {
    const places = placesOfRun[provider];
    if (places === undefined || submits.length === 0 || places.some((claim) => Object.hasOwn(match, claim))) continue;
    note(
      "warning",
      "machines.yaml",
      ["machines", index, "match"],
      `Whoever may push to any branch of its project is '${name}': submits, withdraws and fetches passports. Match the environment or the protected branch, too.`,
    );
  }
}

/** A model's name is all that machines.yaml knows; its type is said by the request where the matrix does not. */
function checkClassified({ machines, matrix }: ReadPolicies, note: Note): void {
  if (machines === undefined || matrix === undefined) return;
  const { riskTiers = [], dataClasses = [], models = {} } = matrix.classification ?? {};
  const submitted = new Set(machines.flatMap(({ submits }) => submits));
  for (const name of Object.keys(models).filter((each) => !submitted.has(each)))
    note(
      "warning",
      "matrix.yaml",
      ["classification", "models", name],
      `No pipeline of machines.yaml may submit '${name}'.`,
    );
  const scaled = riskTiers.length + dataClasses.length > 0;
  const severalTypes = new Set(matrix.rules.map(({ modelType }) => modelType)).size > 1;
  for (const [index, { submits }] of machines.entries())
    for (const [at, name] of submits.entries()) {
      const model = Object.hasOwn(models, name) ? models[name] : undefined;
      const path = ["machines", index, "submits", at];
      if (scaled && model === undefined)
        note(
          "warning",
          "machines.yaml",
          path,
          `The matrix does not classify '${name}', so it is judged by the highest tier and class.`,
        );
      if (severalTypes && model?.type === undefined)
        note(
          "warning",
          "machines.yaml",
          path,
          `The matrix does not say of which type '${name}' is, so whoever submits it chooses by which rules it is judged: add it under 'classification'.`,
        );
    }
}
