/** WebAssembly by hand, for what `opa build` never makes: https://webassembly.github.io/spec/core/binary/modules.html */

const unsigned = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];

const signed = (value: number): readonly number[] => {
  const last = (value >= 0 && value < 0x40) || (value < 0 && value >= -0x40);
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
};

const section = (id: number, body: readonly number[]) => [id, ...unsigned(body.length), ...body];
const text = (said: string) => [...unsigned(said.length), ...Buffer.from(said, "latin1")];
const constant = (value: number) => [0x41, ...signed(value)];
const body = (code: readonly number[]) => [...unsigned(code.length + 2), 0, ...code, 0x0b];
const [i32, end] = [0x7f, 0x0b];

export interface Sketch {
  /** What its host is called for as soon as it is begun, with the address of what it says. */
  readonly calls?: "opa_println" | "opa_abort";
  /** What it says to that, and lists as its builtins. */
  readonly says?: string;
  /** Or so many bytes of one character. */
  readonly fills?: number;
  /** Where it says that all it says is. */
  readonly at?: number;
}

/** A module with the exports of compiled Rego, each of which answers with the address of what it says. */
export function moduleOf({ calls, says = "{}", fills = 0, at = 1024 }: Sketch): Uint8Array {
  const address = 1024;
  const grown = [...constant(Math.ceil(fills / 65_536)), 0x40, 0, 0x1a];
  const filled = [...constant(address), ...constant("x".charCodeAt(0)), ...constant(fills), 0xfc, 11, 0];
  const start = [
    ...(fills === 0 ? [] : [...grown, ...filled]),
    ...(calls === undefined ? [] : [...constant(address), 0x10, 0]),
  ];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      5,
      ...[0x60, 1, i32, 0],
      ...[0x60, 0, 0],
      ...[0x60, 0, 1, i32],
      ...[0x60, 1, i32, 1, i32],
      ...[0x60, 2, i32, i32, 1, i32],
    ]),
    ...section(2, [
      2,
      ...[...text("env"), ...text(calls ?? "opa_abort"), 0, 0],
      ...[...text("env"), ...text("memory"), 2, 0, 1],
    ]),
    ...section(3, [5, 1, 2, 3, 3, 4]),
    ...section(7, [
      4,
      ...[...text("builtins"), 0, 2],
      ...[...text("opa_json_dump"), 0, 3],
      ...[...text("opa_malloc"), 0, 4],
      ...[...text("opa_json_parse"), 0, 5],
    ]),
    ...section(8, [1]),
    ...section(10, [
      5,
      ...body(start),
      ...body(constant(at)),
      ...body(constant(at)),
      ...body(constant(at)),
      ...body(constant(at)),
    ]),
    ...section(11, [1, 0, ...constant(address), end, ...text(`${says}\0`)]),
  ]);
}

/** A module that, as soon as it is asked for memory, asks its host for a builtin with these two values, in JSON. */
export function askingModule(builtin: string, given: readonly [string, string]): Uint8Array {
  // The first of the two values may be long.
  const addresses = [1024, 4096, 2048] as const;
  const [listed, ...values] = [JSON.stringify({ [builtin]: 7 }), ...given];
  const data = [listed, ...values].flatMap((said, at) => [
    ...[0, ...constant(addresses[at] ?? 0), end],
    ...text(`${said}\0`),
  ]);
  const asks = [constant(7), constant(0), constant(addresses[1]), constant(addresses[2])].flat();
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [
      4,
      ...[0x60, 0, 1, i32],
      ...[0x60, 1, i32, 1, i32],
      ...[0x60, 2, i32, i32, 1, i32],
      ...[0x60, 4, i32, i32, i32, i32, 1, i32],
    ]),
    ...section(2, [
      2,
      ...[...text("env"), ...text("opa_builtin2"), 0, 3],
      ...[...text("env"), ...text("memory"), 2, 0, 1],
    ]),
    ...section(3, [4, 0, 1, 1, 2]),
    ...section(7, [
      4,
      ...[...text("builtins"), 0, 1],
      ...[...text("opa_json_dump"), 0, 2],
      ...[...text("opa_malloc"), 0, 3],
      ...[...text("opa_json_parse"), 0, 4],
    ]),
    ...section(10, [
      4,
      ...body(constant(addresses[0])),
      ...body([0x20, 0]),
      ...body([...asks, 0x10, 0]),
      ...body(constant(addresses[0])),
    ]),
    ...section(11, [3, ...data]),
  ]);
}
