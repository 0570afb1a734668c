import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { Failure } from "../../core/failure.ts";

const manifest = v.object({ sources: v.record(v.string(), v.string()) });

/**
 * What of `gates/` in a folder of policies is not what judges: Rego counts only once it is compiled. Answers a sentence
 * for each file, and nothing where a folder has neither: the gates of a deployment need not be policies of one's own.
 */
export async function gatesNotCompiled(folder: string): Promise<readonly string[]> {
  const [compiled, names] = await Promise.all([
    textOrNone(join(folder, "compiled", "manifest.json")),
    readdir(join(folder, "gates")).catch(() => []),
  ]);
  const rego = names.filter((name) => name.endsWith(".rego") && !name.endsWith("_test.rego")).toSorted();
  if (compiled === undefined) {
    return rego.length === 0
      ? []
      : ["gates: There is Rego, and nothing is compiled: `npm run build:policies` does it."];
  }
  const sources = sourcesOf(compiled);
  const now = new Map<string, string>(
    await Promise.all(
      rego.map(async (name) => {
        const digest = createHash("sha256").update(await readFile(join(folder, "gates", name)));
        return [`gates/${name}`, digest.digest("hex")] as const;
      }),
    ),
  );
  return [...new Set([...now.keys(), ...Object.keys(sources)])]
    .filter((path) => now.get(path) !== sources[path])
    .toSorted()
    .map(
      (path) =>
        `${path}: ${changeOf(now.has(path), Object.hasOwn(sources, path))} since the gates were compiled, and what judges is what was compiled: \`npm run build:policies\` does it anew.`,
    );
}

function changeOf(isThere: boolean, wasThere: boolean): string {
  if (!isThere) return "It was removed";
  return wasThere ? "It was changed" : "It was added";
}

function sourcesOf(text: string): Readonly<Record<string, string>> {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), manifest), text);
  if (read.success) return read.output.sources;
  throw new Failure("invalid-policy", "compiled/manifest.json does not say from what the gates were compiled.");
}

async function textOrNone(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch(() => undefined);
}
