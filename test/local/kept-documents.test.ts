import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openKeptDocuments } from "../../local/kept-documents.ts";
import { scratchDirectory } from "./recorded-calls.ts";

interface Model {
  readonly name: string;
  readonly version: number;
}

function opened(path = join(scratchDirectory(), "kept", "models.jsonl")) {
  return { path, ...openKeptDocuments<Model>(path, ({ name }) => name) };
}

const lines = (path: string) => readFileSync(path, "utf8").trimEnd().split("\n");

it("holds what was set last, and nothing of what was taken away, in this run and in the next", () => {
  const { path, set, all, delete: remove } = opened();
  set("a", { name: "a", version: 1 });
  set("b", { name: "b", version: 1 });
  set("a", { name: "a", version: 2 });
  remove("b");
  remove("never there");
  const kept = [["a", { name: "a", version: 2 }]];
  expect([...all]).toEqual(kept);
  expect([...opened(path).all]).toEqual(kept);
  expect(lines(path)).toEqual(['["a",{"name":"a","version":2}]']);
});

it("loses the change alone that a kill cut short", () => {
  const { path, set } = opened();
  set("a", { name: "a", version: 1 });
  appendFileSync(path, '["a",{"name":"a","ver');
  const again = opened(path);
  expect([...again.all.values()]).toEqual([{ name: "a", version: 1 }]);
  again.set("a", { name: "a", version: 3 });
  expect([...opened(path).all.values()]).toEqual([{ name: "a", version: 3 }]);
});

it("does not grow with every change for ever", () => {
  const { path, set } = opened();
  for (let version = 1; version <= 2500; version += 1) set("a", { name: "a", version });
  expect(lines(path).length).toBeLessThan(1100);
  expect([...opened(path).all.values()]).toEqual([{ name: "a", version: 2500 }]);
});

it("takes up what stood there without names, and refuses it where nothing tells them", () => {
  const path = join(scratchDirectory(), "models.jsonl");
  writeFileSync(path, '{"name":"a","version":1}\n');
  expect(() => openKeptDocuments(path)).toThrow(/names nothing; delete the file to start afresh\.$/);
  const { set } = opened(path);
  set("b", { name: "b", version: 1 });
  expect([...opened(path).all.keys()]).toEqual(["a", "b"]);
});
