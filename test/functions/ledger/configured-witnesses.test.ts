import { expect, it } from "vitest";
import { formatVerifierKey, noteKey } from "../../../core/ledger/note-key.ts";
import { configuredWitnesses, watchedLogs } from "../../../functions/ledger/configured-witnesses.ts";

const key = noteKey("witness.example.org/w1", "cosignature/v1", new Uint8Array(32).fill(7));
const text = formatVerifierKey(key);
const url = "https://witness.example.org/live";

it("reads what is configured", () => {
  expect(configuredWitnesses(JSON.stringify([{ url, key: text }]))).toEqual([{ url, key }]);
  expect(configuredWitnesses("[]")).toEqual([]);
  expect(watchedLogs(JSON.stringify([text]))).toEqual([key]);
});

it.each([
  ["no JSON", "[…]"],
  ["no list", "{}"],
  ["no key", JSON.stringify([{ url }])],
  ["another member", JSON.stringify([{ url, key: text, name: "w1" }])],
  ["an address that anybody could answer at", JSON.stringify([{ url: "http://witness.example.org", key: text }])],
])("names the parameter of witnesses that has %s", (_, json) => {
  expect(() => configuredWitnesses(json)).toThrow(
    "The parameter Witnesses is not a JSON list of url and key, an https address and a verifier key.",
  );
});

it("says what is wrong with a key", () => {
  const why = "This is no verifying key: it is not <name>+<id>+<base64>.";
  expect(() => configuredWitnesses(JSON.stringify([{ url, key: "a" }]))).toThrow(
    `The parameter Witnesses is not a JSON list of url and key, an https address and a verifier key: ${why}`,
  );
  expect(() => watchedLogs('["a"]')).toThrow(`The parameter WatchedLogs is not a JSON list of verifier keys: ${why}`);
  expect(() => watchedLogs("a")).toThrow("The parameter WatchedLogs is not a JSON list of verifier keys.");
});
