import { readLinearModel } from "../scorer/serve.ts";

export type Severity = "critical" | "high" | "medium" | "low";

export interface SecurityFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly file: string;
  readonly message: string;
}

/** One file of the candidate, as it would be shipped. */
export interface ScannedFile {
  readonly name: string;
  readonly kind: "model" | "program" | "dockerfile" | "document";
  readonly text: string;
}

export interface SecurityRule {
  readonly id: string;
  readonly severity: Severity;
  readonly description: string;
  /** What is wrong with the file; empty where the rule holds or does not concern it. */
  readonly check: (file: ScannedFile) => readonly string[];
}

/** What the scorer may import: Node's own modules for reading its model and answering HTTP, nothing that starts, loads or sends. */
const allowedImports = new Set(["node:fs", "node:http", "node:path"]);
const allowedHttpNames = new Set(["createServer", "type IncomingMessage", "type ServerResponse"]);

const secrets: readonly (readonly [string, RegExp])[] = [
  ["an AWS access key id", /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  ["a private key", /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ["a GitHub token", /\bgh[pousr]_[A-Za-z0-9]{36}\b/],
  ["a JSON web token", /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./],
];

/** The rules, each over the text of one file. They read; they run nothing of what they read. */
export const securityRules: readonly SecurityRule[] = [
  {
    id: "model-is-data",
    severity: "critical",
    description: "The model file is JSON with names and finite numbers that the scorer reads; nothing in it can run.",
    check: (file) => (file.kind === "model" ? modelProblems(file.text) : []),
  },
  {
    id: "program-has-no-dependencies",
    severity: "high",
    description: "The scorer imports Node's own modules for files and for serving HTTP, and no package.",
    check: (file) => (file.kind === "program" ? importProblems(file.text) : []),
  },
  {
    id: "program-runs-no-text",
    severity: "critical",
    description: "The scorer neither evaluates text as code, nor loads modules by name, nor starts processes.",
    check: (file) =>
      file.kind === "program" &&
      /\beval\s*\(|\bnew\s+Function\b|\bimport\s*\(|\brequire\s*\(|\bchild_process\b|\bfetch\s*\(/.test(file.text)
        ? ["evaluates text, loads a module by name, starts a process or calls out"]
        : [],
  },
  {
    id: "base-image-is-chosen",
    severity: "medium",
    description: "The Dockerfile takes its base image as an argument without a default, so that no moving tag gets in.",
    check: (file) =>
      file.kind === "dockerfile" && !/^ARG BASE_IMAGE\r?\nFROM \$\{BASE_IMAGE\}$/m.test(file.text)
        ? ["names a base image of its own"]
        : [],
  },
  {
    id: "no-secrets",
    severity: "critical",
    description: "No file holds a key or a token.",
    check: (file) => secrets.flatMap(([what, pattern]) => (pattern.test(file.text) ? [`holds ${what}`] : [])),
  },
];

function modelProblems(text: string): readonly string[] {
  try {
    readLinearModel(text);
  } catch (error) {
    return [`is not a model that the scorer reads: ${error instanceof Error ? error.message : String(error)}`];
  }
  return strangeMembers(JSON.parse(text), "$");
}

/** Texts in a model are short names and labels; anything longer, or with a character that no name has, is reported. */
function strangeMembers(value: unknown, place: string): readonly string[] {
  if (typeof value === "string") {
    return value.length > 200 || !/^[\p{L}\p{N} .,:;/_-]*$/u.test(value) ? [`${place} is not a plain text`] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => strangeMembers(member, `${place}.${name}`));
}

function importProblems(text: string): readonly string[] {
  const imports = [...text.matchAll(/^\s*(?:import\b|export\b(?=[^;"'(=]*\bfrom\b))([^;"']*)["']([^"']+)["']/gm)];
  return imports.flatMap(([, names = "", module = ""]) => {
    if (!allowedImports.has(module)) return [`imports ${module}`];
    if (module !== "node:http") return [];
    const listed = names
      .replace(/[{}]|\bfrom\s*$/g, "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    return listed.filter((name) => !allowedHttpNames.has(name)).map((name) => `imports ${name} of node:http`);
  });
}
