import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { readToken } from "../../core/attestation/id-token.ts";
import { makePassports } from "./make-passports.ts";
import { withProgram } from "./programs.ts";

const examples = fileURLToPath(new URL("../../examples/passport", import.meta.url));

withProgram(
  "relying-parties",
  "Vault's JWT plugin and Kubernetes' authenticator take the passport with the settings of examples/passport, and no other",
  () => {
    const { status, stdout, stderr } = spawnSync("relying-parties", [examples], {
      input: JSON.stringify(makePassports()),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("vault accepts the passport: policies [deploy-credit-scoring] for 10m0s");
    expect(stdout).toContain("kubernetes accepts the passport: user passport:model:credit-scoring:target:production");
    expect(stdout.match(/ refuses /g)).toHaveLength(13);
    expect(status).toBe(0);
  },
  () => {
    for (const { token } of makePassports().passports) expect(readToken(token).claims).toHaveProperty("promotion");
  },
);
