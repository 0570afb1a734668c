import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Policies } from "../../../core/policy/load-policies.ts";
import { policyDocuments } from "../../../core/policy/policy-bundle.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import { member } from "./reviewers.ts";

// Dana has two accounts, of which people.yaml of the gates tells. The service lets both approve, and puts policies into its
// verdict's record that nobody ever had: nothing signs that record.

const text = shipped.bundle.texts["matrix.yaml"];
const two = text.replace("            - role: lead-data-scientist\n", "$&              count: 2\n");
const more = { targets: "", thresholds: "", people: "" };
const dora = member("Dora", "lead-data-scientists");
const ofDana = `  - name: Dana\n    address: ${dana.address}\n    identities:\n      - { issuer: "${dora.identity.issuer}", subject: ${dora.identity.subject} }\n`;
const linked = shippedWith(two, { ...more, people: ofDana });

async function approvedTwice() {
  const house = new House(undefined, { ...linked, people: shipped.people }, [dora]);
  const promotion = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(promotion);
  await house.openStage(promotion);
  await house.sign(promotion, cora);
  await house.openStage(promotion);
  for (const each of [dana, dora, sam]) await house.sign(promotion, each);
  expect(await house.verify(promotion)).toBe("passed");
  await house.deploy(promotion);
  return { house, promotion };
}

/** The facts and documents where the verdict brings these policies. */
function broughtBy({ bundle }: Policies, { facts, blobs: own }: House) {
  const documents = policyDocuments(bundle).map((each) => ({ ...each, sha256: sha256Hex(each.bytes) }));
  const blobs = new Map([...own, ...documents.map(({ sha256, bytes }) => [sha256, bytes] as const)]);
  const digestOf = (name: string) => documents.find((each) => each.name === name)?.sha256;
  const changed = facts.map((fact) => {
    if (fact.type !== "verdict") return fact;
    const attachments = fact.attachments.map((each) => ({ ...each, sha256: digestOf(each.name) ?? each.sha256 }));
    return { ...fact, attachments, body: { ...fact.body, policy: digestOf("policies.json") } };
  });
  return { facts: changed, blobs };
}

describe("a verdict that names other policies than its gates", () => {
  it("is found in a part of the log where they ask for something else, and said where they come to the same", async () => {
    const { house, promotion } = await approvedTwice();
    const scope = { kind: "promotion", promotion } as const;
    const told = async (policies?: Policies) => {
      const over = policies === undefined ? {} : broughtBy(policies, house);
      const { findings, unchecked } = await verified(await packOf({ house }, { ...over, scope }));
      const others = unchecked.map(({ sentence }) => sentence).filter((sentence) => sentence.includes("names others"));
      return { findings: findings.map(({ sentence }) => sentence), others };
    };
    const asItWas = await told();
    expect(asItWas.findings.length).toBeGreaterThan(0);
    expect(asItWas.others).toEqual([]);
    const elsewhere = two.replaceAll("target: production\n", "target: nowhere\n");
    expect((await told(shippedWith(elsewhere))).findings).toContain(
      "The verdict was signed by policies that come to other requirements than people signed for.",
    );
    const others = await told(shippedWith(two));
    expect(others.findings).toEqual([]);
    expect(others.others).toEqual([
      expect.stringMatching(
        /is told by the whole log\. By people\.yaml of those of its gates: The stage .* recorded as decided/,
      ),
    ]);
  });
});
