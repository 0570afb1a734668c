import { signOffId } from "../core/attestation/sign-off-statement.ts";
import type { Statement } from "../core/attestation/statement.ts";
import { canonicalJson } from "../core/encoding/canonical-json.ts";

/** The exact statement and the digest that the identity provider will sign. */
export function statementLines(statement: Statement<unknown, string>): readonly string[] {
  return [
    "You are about to sign exactly this:",
    ...readableStatement(statement).split("\n"),
    `its digest, SHA-256 over the DSSE encoding: ${signOffId(statement)}`,
  ];
}

/**
 * The statement's canonical JSON with line breaks. What would change the order or the look of the text around it is
 * written as an escape, which is the same JSON: the eye must not read another sentence than is signed.
 */
function readableStatement(statement: Statement<unknown, string>): string {
  const canonical: unknown = JSON.parse(canonicalJson(statement));
  return JSON.stringify(canonical, null, 2).replaceAll(/[\p{Cf}\u2028\u2029\u007f-\u009f]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
