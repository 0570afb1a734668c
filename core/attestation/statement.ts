import { fromUtf8 } from "../encoding/bytes.ts";
import { canonicalJson, isCanonicalText, sameJson } from "../encoding/canonical-json.ts";
import { newerVersion } from "../encoding/generation.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { freezeManifestName } from "../promotion/freeze-manifest.ts";

/** https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export const statementType = "https://in-toto.io/Statement/v1";

/**
 * An in-toto Statement v1 about one subject. In-toto matches subjects by digest alone, so a second subject would
 * look approved too: here there is exactly one, the freeze manifest; in statements about a passkey, its public key.
 */
export interface Statement<Predicate, Name extends string = typeof freezeManifestName> {
  readonly _type: typeof statementType;
  readonly subject: readonly [{ readonly name: Name; readonly digest: { readonly sha256: Sha256 } }];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

/** A statement about the freeze manifest with this digest. */
export function statementAbout<Predicate>(
  freezeDigest: Sha256,
  predicateType: string,
  predicate: Predicate,
): Statement<Predicate> {
  return {
    _type: statementType,
    subject: [{ name: freezeManifestName, digest: { sha256: freezeDigest } }],
    predicateType,
    predicate,
  };
}

/**
 * Reads a statement's bytes and holds them against the type and subject they must have; the predicate is the
 * caller's to check. Throws `statement-mismatch`, or `newer-version` for a later one of its type. Only canonical bytes are taken, so that what was signed can be
 * rebuilt from its content.
 */
export function readStatement(payload: Uint8Array, predicateType: string, freezeDigest: Sha256): Statement<unknown> {
  const { statement, text } = parsedStatement(payload, predicateType);
  const expected = statementAbout(freezeDigest, predicateType, statement.predicate);
  // Text that is canonical need not be written again to be compared.
  const isExpected = isCanonicalText(text, statement)
    ? sameJson(expected, statement)
    : canonicalText(expected) === text;
  if (!isExpected) {
    throw new Failure(
      "statement-mismatch",
      "The statement is about something else than this promotion's freeze manifest, or not in canonical form.",
    );
  }
  return expected;
}

/** The predicate of a statement of a type; its subject, and that its bytes are canonical, are the caller's to check. */
export function predicateOf(payload: Uint8Array, predicateType: string): unknown {
  return parsedStatement(payload, predicateType).statement.predicate;
}

function parsedStatement(
  payload: Uint8Array,
  predicateType: string,
): { readonly statement: Partial<Statement<unknown>>; readonly text: string } {
  let text: string;
  let value: unknown;
  try {
    text = fromUtf8(payload);
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure("statement-mismatch", "The signed statement is not JSON.", { cause });
  }
  const statement = value as Partial<Statement<unknown>> | null;
  if (typeof statement !== "object" || statement === null || statement._type !== statementType) {
    throw new Failure("statement-mismatch", "The signed document is not an in-toto Statement v1.");
  }
  refuseLater(String(statement.predicateType), predicateType);
  if (statement.predicateType !== predicateType) {
    throw new Failure(
      "statement-mismatch",
      `The statement is of type '${String(statement.predicateType)}', not '${predicateType}'.`,
    );
  }
  return { statement, text };
}

/** Types of ours end in their version, `…/v1`. */
function refuseLater(type: string, known: string): void {
  const [own, newest] = [versionOf(type), versionOf(known)];
  if (own?.name === newest?.name && (own?.number ?? 0) > (newest?.number ?? 0))
    throw newerVersion(`The statement is of the type '${type}'`);
}

function versionOf(type: string): { readonly name: string; readonly number: number } | undefined {
  const [, name, number] = /^(.*\/v)([1-9]\d{0,5})$/.exec(type) ?? [];
  return name === undefined ? undefined : { name, number: Number(number) };
}

/** `undefined` for what has no canonical form, such as half of a surrogate pair. */
function canonicalText(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
