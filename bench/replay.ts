import { compiledPolicy } from "../adapters/opa/evaluate.ts";
import { readPolicyFolder } from "../adapters/policies/policy-folder.ts";
import { recordIndex, recordPath } from "../core/archive/pack/pack-layout.ts";
import { namedSource, type PackSource } from "../core/archive/zip/pack-source.ts";
import { fromUtf8, utf8 } from "../core/encoding/bytes.ts";
import { replayPack } from "../core/replay/replay-pack.ts";
import { type Files, packOf, recordStories } from "../test/core/archive/pack-fixture.ts";
import type { Figure } from "./figure.ts";

const limit = 60;

/**
 * `replay`: the shipped policies over a history of promotions that were signed in two stages and deployed, from the bytes
 * of the records to the table. Each is judged from its evidence; nothing that was found out about one is taken for another.
 */
export async function replayBench(promotions = 10_000): Promise<readonly Figure[]> {
  const recorded = await recordStories();
  const source = manyOf(recorded.deployed, await packOf(recorded), promotions);
  const policy = readPolicyFolder(new URL("../policies/", import.meta.url));
  const { evaluate } = compiledPolicy(policy.wasm);
  const began = performance.now();
  const result = await replayPack(source, { policy, evaluate });
  const seconds = (performance.now() - began) / 1000;
  if (result.promotions !== promotions || result.counts.some(({ after }) => after !== "would-pass"))
    throw new Error(`The replay came to something else: ${JSON.stringify(result.counts)}`);
  return [
    {
      name: "replay",
      metric: `${promotions.toLocaleString("en")} promotions under other policies, one thread`,
      unit: "s",
      ours: seconds,
      reference: limit,
      referenceName: "limit",
      ratio: seconds / limit,
      goal: "ours below 60 s",
      met: seconds < limit,
    },
  ];
}

/** A pack in which one promotion's records stand so many times, each time as another attempt's; made as they are read. */
function manyOf(promotion: string, files: Files, count: number): PackSource {
  const records = [...files]
    .filter(([name]) => recordIndex(name) !== undefined)
    .toSorted(([a], [b]) => (recordIndex(a) ?? 0) - (recordIndex(b) ?? 0))
    .map(([, bytes]) => fromUtf8(bytes))
    .filter((text) => text.includes(`"promotion":"${promotion}"`));
  const stem = promotion.slice(0, promotion.lastIndexOf("-") + 1);
  const names = Array.from({ length: count * records.length }, (_, index) => recordPath(index));
  const read = (name: string): Uint8Array | undefined => {
    const index = recordIndex(name);
    if (index === undefined) return files.get(name);
    const text = records[index % records.length];
    const attempt = `${stem}${Math.floor(index / records.length) + 1}`;
    // A sign-off's own id has no part in where it stands; its signature is not looked at.
    return text === undefined ? undefined : utf8(text.replaceAll(promotion, attempt));
  };
  const others = [...files.keys()].filter((name) => recordIndex(name) === undefined);
  return namedSource([...names, ...others], {
    sizeOf: (name) => read(name)?.length,
    read: async (name) => read(name),
    problems: () => [],
    async *chunks(name) {
      const bytes = read(name);
      if (bytes !== undefined) yield bytes;
    },
  });
}
