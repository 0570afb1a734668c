import { Failure } from "../../core/failure.ts";
import { fromItem, type Item, toItem } from "./item.ts";

/** Where a listing goes on: only the index's own key, so reading a forged one shows nothing that its holder could not list. */
export function writeCursor(key: Item): string {
  return Buffer.from(JSON.stringify(fromItem(key))).toString("base64url");
}

/** Throws `invalid-request` for what no listing gave. */
export function readCursor(text: string): Item {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch (cause) {
    throw noCursor(cause);
  }
  const parts = typeof key === "object" && key !== null ? Object.values(key) : [];
  if (parts.length !== 4 || !parts.every((part) => typeof part === "string")) {
    throw noCursor();
  }
  return toItem(key as object);
}

export function noCursor(cause?: unknown): Failure {
  return new Failure("invalid-request", "The cursor is not one that a listing gave.", { cause });
}
