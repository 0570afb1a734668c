import { signOffId } from "../core/attestation/sign-off-statement.ts";
import type { Statement } from "../core/attestation/statement.ts";
import { canonicalJson } from "../core/encoding/canonical-json.ts";
import { jsonText } from "./terminal-text.ts";

/** The exact statement and the digest that the identity provider will sign. */
export function statementLines(statement: Statement<unknown, string>): readonly string[] {
  return [
    "You are about to sign exactly this:",
    ...readableStatement(statement).split("\n"),
    `its digest, SHA-256 over the DSSE encoding: ${signOffId(statement)}`,
  ];
}

/** The statement's canonical JSON with line breaks: the eye must not read another sentence than is signed. */
function readableStatement(statement: Statement<unknown, string>): string {
  return jsonText(JSON.parse(canonicalJson(statement)), 2);
}
