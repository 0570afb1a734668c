import { registerHooks, stripTypeScriptTypes } from "node:module";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

/**
 * Given to Node by `--import` where a checkout's files verify a pack (`begin-again.ts`): the first thread finds each module, reads it
 * and takes its types out, and those that it starts, which run the same ones, are given what came of it. Of what a thread takes to
 * load that is three quarters (measured). Plain JavaScript, so that no thread needs what takes types out.
 */
const name = "countersign: modules";
const { places, texts } = getEnvironmentData(name) ?? { places: new Map(), texts: new Map() };
// Copied as a thread is started, with all that was loaded by then.
setEnvironmentData(name, { places, texts });

registerHooks({
  resolve(specifier, context, next) {
    const asked = `${specifier} ${context.conditions} ${context.parentURL}`;
    const known = places.get(asked);
    if (known !== undefined) return { ...known, shortCircuit: true };
    const found = next(specifier, context);
    places.set(asked, { url: found.url, format: found.format });
    return found;
  },
  load(url, context, next) {
    if (!texts.has(url)) {
      const loaded = next(url, context);
      if (loaded.format !== "module-typescript") return loaded;
      texts.set(url, stripTypeScriptTypes(Buffer.from(loaded.source).toString()));
    }
    return { format: "module", source: texts.get(url), shortCircuit: true };
  },
});
