import type { PackVersion } from "../../../../core/archive/documents/pack-version.ts";
import { promotionReport, type ReportInput } from "../../../../core/archive/reports/promotion-report.ts";
import type { Json } from "../../../../core/encoding/canonical-json.ts";
import type { Attachment, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { digestOf, id, now } from "../../promotion/promotion-in-review.ts";

export const attached = (name: string): Attachment => ({ name, mediaType: "application/json", sha256: digestOf(name) });

export function recordOf(type: LedgerRecord["type"], over: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    ...{ recordVersion: 1, id: `${id}/0`, type, at: now, promotion: id, summary: `A ${type}.`, body: {} },
    attachments: [],
    ...over,
  };
}

export const manifest = {
  model: { name: "credit-scoring", version: "2.0.0", type: "scoring" },
  target: { name: "production", endpoint: "scoring" },
  requester: { subject: "pipeline", issuer: "https://ci.example" },
  lineage: {
    trainedBy: [{ address: "tom@example.org" }, { account: { provider: "github", id: "4007" } }],
    codeAuthors: [{ identity: { issuer: "https://login.example", subject: "sub-ada" } }],
    source: { repository: "https://git.example/credit", commit: "abc" },
  },
  artifacts: [{ name: "model.json", role: "model", sha256: "a".repeat(64) }],
  evidence: [{ name: "bias.json", kind: "bias", sha256: "b".repeat(64) }],
};
export const findings = [
  { rule: "quality.auc", status: "passed", sentence: "AUC is 0.8.", observed: 0.8 },
  { rule: "data.pii", status: "failed", sentence: "Columns are personal.", observed: ["name"] },
  { rule: "artifact.model", status: "passed", sentence: "It is there.", observed: "model" },
  { rule: "evidence.bias", status: "passed", sentence: "It is there.", observed: null },
];
export const documents: Readonly<Record<string, Json>> = {
  [digestOf("freeze.json")]: manifest,
  [digestOf("gate-report.json")]: { findings },
};

export const peopleYaml = [
  "peopleVersion: 1",
  "people:",
  "  - name: Tom Trainer",
  "    address: tom@example.org",
  "    accounts: { github: 4007 }",
].join("\n");

/** The rows of the page as people see them, a bar between two cells. */
export async function rowsOf(
  records: readonly LedgerRecord[],
  over: Partial<ReportInput>,
  version: PackVersion,
): Promise<readonly string[]> {
  const page = await promotionReport(
    {
      promotion: id,
      records: records.map((record, index) => ({ index, record })),
      signed: [],
      read: async (sha256) => documents[sha256],
      readText: async (sha256) => (sha256 === digestOf("people.yaml") ? peopleYaml : undefined),
      ...over,
    },
    version,
  );
  const text = page.replaceAll("&#39;", "'");
  return text.split("\n").map((line) => line.replaceAll(/<[^>]*>/g, "|").replaceAll(/\|+/g, "|"));
}

export const request = recordOf("request", {
  body: {
    ...{ model: { name: "asked", version: "1" }, freezeDigest: "f".repeat(64), requirements: "e".repeat(64) },
  },
});
export const frozen = recordOf("freeze", { attachments: [attached("freeze.json")] });
export const lent = recordOf("loan", {
  summary: "No seat was lent to anybody.",
  body: {
    lenders: [
      { role: "officer", person: { subject: "sub-ines" } },
      { role: "sre", person: { subject: "sub-tom" } },
    ],
    ...{ until: "2026-11-23T16:00:00.000Z", incident: "INC-1: fraud" },
  },
});
export const judged = recordOf("gates", { attachments: [attached("gate-report.json")] });
