import { createHash } from "node:crypto";
import { type ScannedFile, type SecurityFinding, type Severity, securityRules } from "./security-rules.ts";

const scanner = { name: "credit-scoring-static-scan", version: "1.0.0" };

/** What this scan does not look at. A pipeline that builds the image adds a scanner of its own for these. */
const notScanned = ["operating system packages of the base image", "the Node.js runtime", "behaviour at run time"];

export interface SecurityScan {
  readonly findings: readonly SecurityFinding[];
  readonly files: readonly ScannedFile[];
}

/** Holds every file against every rule. */
export function scan(files: readonly ScannedFile[]): SecurityScan {
  const findings = files.flatMap((file) =>
    securityRules.flatMap((rule) =>
      rule.check(file).map((message) => ({ rule: rule.id, severity: rule.severity, file: file.name, message })),
    ),
  );
  return { findings, files };
}

/** The scan in plain JSON: findings per severity, each rule that was applied, each file with its digest. */
export function securityScan({ findings, files }: SecurityScan): unknown {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    scanner,
    counts: { critical: count("critical"), high: count("high"), medium: count("medium"), low: count("low") },
    findings,
    rules: securityRules.map(({ id, severity, description }) => ({ id, severity, description })),
    scanned: files.map((file) => ({ name: file.name, kind: file.kind, sha256: sha256(file.text) })),
    dependencies: [],
    notScanned,
  };
}

/** The scan as SARIF 2.1.0 (OASIS), which code hosts and scanners exchange. */
export function securityScanSarif({ findings, files }: SecurityScan): unknown {
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            ...scanner,
            rules: securityRules.map((rule) => ({
              id: rule.id,
              shortDescription: { text: rule.description },
              properties: { "security-severity": sarifScore[rule.severity] },
            })),
          },
        },
        artifacts: files.map((file) => ({
          location: { uri: file.name },
          hashes: { "sha-256": sha256(file.text) },
          length: Buffer.byteLength(file.text),
        })),
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          level: finding.severity === "critical" || finding.severity === "high" ? "error" : "warning",
          message: { text: `${finding.file} ${finding.message}.` },
          locations: [{ physicalLocation: { artifactLocation: { uri: finding.file } } }],
        })),
        columnKind: "utf16CodeUnits",
      },
    ],
  };
}

/** GitHub's bands for `security-severity`: critical above 9.0, high from 7.0, medium from 4.0. */
const sarifScore: Readonly<Record<Severity, string>> = { critical: "9.5", high: "8.0", medium: "5.0", low: "2.0" };

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
