import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { type Files, resealed } from "./memory-pack.ts";

/** Key id, time and signature of a cosignature/v1, in base64. */
const timedLine = /^\u2014 \S+ [A-Za-z0-9+/]{102}==$/;

/** A pack whose checkpoints are as the log signed them, without the line that says when: whoever hands it on needs no key for that. */
export function untimed(files: Files, path = /^log\/checkpoint/): Files {
  const changes: Record<string, Uint8Array> = {};
  for (const [name, bytes] of files) {
    if (!path.test(name)) continue;
    const lines = fromUtf8(bytes).split("\n");
    const without = lines.filter((line) => !timedLine.test(line));
    if (without.length === lines.length) throw new Error(`${name} does not say when it was signed.`);
    changes[name] = utf8(without.join("\n"));
  }
  return resealed(files, changes);
}
