import { cpSync, existsSync, globSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assembly } from "./trial.ts";

/** A copy of the cloud assembly in which something is otherwise: another policy, a function that crashes. */
export class AlteredAssembly {
  readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, "cdk.out");
    cpSync(assembly, this.path, { recursive: true });
  }

  /** Changes a policy file beside every function that judges by it, as the next deployment would. */
  changePolicy(file: string, from: string, to: string): void {
    for (const found of globSync(`asset.*/policies/${file}`, { cwd: this.path })) {
      const path = join(this.path, found);
      const text = readFileSync(path, "utf8");
      if (!text.includes(from)) throw new Error(`${file} does not say '${from}'.`);
      writeFileSync(path, text.replaceAll(from, to));
    }
  }

  /** Has the policies say nothing of who signs for a change of them, so that the next deployment changes them. */
  letDeploymentsChangePolicies(): void {
    for (const found of globSync("asset.*/policies/matrix.yaml", { cwd: this.path })) {
      const path = join(this.path, found);
      const text = readFileSync(path, "utf8");
      const without = text.replace(/^policyChange:\n(?:[ #].*\n|\n)*/m, "");
      if (without === text) throw new Error("matrix.yaml does not say who signs for a change of the policies.");
      writeFileSync(path, without);
    }
  }

  /** Lets the example's pipeline submit other models too: of one model only the newest candidate stays open. */
  letSubmit(...models: readonly string[]): void {
    this.changePolicy("machines.yaml", "submits: [", `submits: [${models.join(", ")}, `);
  }

  /**
   * As contexts `targetSecretArn` and `targetRoles` would have it: which functions get what,
   * test/infra/cluster-access.test.ts holds against the template that is really made of them.
   */
  letReach(secretArn: string, targetRole: string): void {
    const file = join(this.path, "CountersignService.template.json");
    const template = JSON.parse(readFileSync(file, "utf8")) as { readonly Resources: Record<string, TemplateResource> };
    for (const [logicalId, { Properties: properties }] of Object.entries(template.Resources)) {
      const variables = properties?.Environment?.Variables;
      if (variables === undefined || !("TARGET_SECRET_ID" in variables)) continue;
      variables["TARGET_SECRET_ID"] = secretArn;
      const { Policies: [policy] = [] } =
        template.Resources[properties?.Role?.["Fn::GetAtt"]?.[0] ?? ""]?.Properties ?? {};
      const allow = (Action: readonly string[], Resource: string) =>
        policy?.PolicyDocument.Statement.push({ Effect: "Allow", Action, Resource });
      allow(["secretsmanager:GetSecretValue"], secretArn);
      // It takes reports, and deploys nothing.
      if (logicalId !== "ReportDeploymentFunction") allow(["sts:AssumeRole", "sts:TagSession"], targetRole);
    }
    writeFileSync(file, JSON.stringify(template));
  }

  /** A bucket of somebody else's, and what the serving role may do with it, as contexts for asynchronous endpoints would have it. */
  letServe(
    bucketName: string,
    grants: readonly { readonly actions: readonly string[]; readonly resource: string }[],
  ): void {
    const file = join(this.path, "CountersignService.template.json");
    const template = JSON.parse(readFileSync(file, "utf8")) as { readonly Resources: Record<string, unknown> };
    const policies = Object.entries(template.Resources).filter(([logicalId]) =>
      logicalId.startsWith("ServingRoleDefaultPolicy"),
    );
    for (const [, policy] of policies)
      for (const { actions, resource } of grants)
        (policy as TemplatePolicy).Properties.PolicyDocument.Statement.push({
          Effect: "Allow",
          Action: actions,
          Resource: resource,
        });
    template.Resources["PlatformBucket"] = { Type: "AWS::S3::Bucket", Properties: { BucketName: bucketName } };
    writeFileSync(file, JSON.stringify(template));
  }

  /**
   * Has a function end without a word the first time that it is about to make a call: `operation` is the end of the
   * call's X-Amz-Target. Answers whether that has happened by now.
   */
  crashOnce(logicalId: string, operation: string): () => boolean {
    const folder = join(this.path, this.#bundleOf(logicalId));
    const mark = join(folder, "crashed");
    renameSync(join(folder, "index.mjs"), join(folder, "uncrashed.mjs"));
    writeFileSync(join(folder, "index.mjs"), crashing(operation, mark));
    return () => existsSync(mark);
  }

  #bundleOf(logicalId: string): string {
    const template = JSON.parse(readFileSync(join(this.path, "CountersignService.template.json"), "utf8"));
    const { S3Key: key } = template.Resources[logicalId].Properties.Code;
    return `asset.${String(key).replace(/\.zip$/, "")}`;
  }
}

interface TemplatePolicy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: unknown[] } };
}

/** What is changed of a resource. */
interface TemplateResource {
  readonly Properties?: {
    readonly Environment?: { readonly Variables?: Record<string, unknown> };
    readonly Role?: { readonly "Fn::GetAtt"?: readonly string[] };
    readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: unknown[] } }[];
  };
}

/** A module in the place of a bundle, which watches what the bundle sends. */
function crashing(operation: string, mark: string): string {
  return `
    import { existsSync, writeFileSync } from "node:fs";
    import http from "node:http";
    import { syncBuiltinESMExports } from "node:module";
    const { request } = http;
    http.request = (options, ...rest) => {
      const target = String(options.headers?.["x-amz-target"] ?? options.headers?.["X-Amz-Target"] ?? "");
      if (target.endsWith(${JSON.stringify(operation)}) && !existsSync(${JSON.stringify(mark)})) {
        writeFileSync(${JSON.stringify(mark)}, "");
        process.exit(1);
      }
      return request(options, ...rest);
    };
    syncBuiltinESMExports();
    export const { handler } = await import("./uncrashed.mjs");
  `;
}
