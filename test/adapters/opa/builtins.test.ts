import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { builtinsIn, builtinsWithin } from "../../../adapters/opa/builtins.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { whyBuiltinRefused } from "../../../core/policy/gate-builtins.ts";
import { codeOf, told } from "../../core/refusal.ts";

describe("the builtins that compiled gates ask for", () => {
  it("are none of the shipped ones", () => {
    expect(builtinsIn(readFileSync(new URL("../../../policies/compiled/gates.wasm", import.meta.url)))).toEqual([]);
  });

  it("cannot be told of what is no wasm, or of wasm that opa did not compile", () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    for (const bytes of [utf8("no wasm"), new Uint8Array(), empty])
      expect(told(codeOf(() => builtinsIn(bytes)))).toMatch(/^invalid-policy: compiled\/gates\.wasm cannot be read/);
  });

  it.each(["json.is_valid", "regex.split", "yaml.unmarshal"])("may be %s", (name) => {
    expect(whyBuiltinRefused(name)).toBeUndefined();
  });

  it.each([
    ["http.send", "rules speak to nobody"],
    ["net.lookup_ip_addr", "rules speak to nobody"],
    ["time.now_ns", "rules know no clock and no chance: the moment of judging is `input.now`"],
    ["opa.runtime", "rules know nothing of what runs them"],
    ["io.jwt.decode_verify", "digests and signatures are checked before any rule is asked"],
    ["sprintf", "hosts differ in it: a rule answers with values, and the sentence is made of them"],
    ["semver.compare", "what runs the rules does not have it"],
  ])("may not be %s", (name, why) => {
    expect(whyBuiltinRefused(name)).toBe(`The rules use the builtin '${name}', which is not allowed: ${why}.`);
  });

  it("are told within a time, by wasm that never comes to an end as well", () => {
    // (module (func $f (loop br 0)) (start $f))
    const endless = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11,
    ];
    const asked = builtinsWithin(200);
    expect(codeOf(() => asked(new Uint8Array(endless)))).toEqual({
      code: "invalid-policy",
      sentence: "compiled/gates.wasm was stopped: it did not come to an end within 0.2 seconds.",
    });
    expect(
      builtinsWithin(20_000)(readFileSync(new URL("../../../policies/compiled/gates.wasm", import.meta.url))),
    ).toEqual([]);
    expect(codeOf(() => asked(new Uint8Array([1]))).code).toBe("invalid-policy");
  });
});
