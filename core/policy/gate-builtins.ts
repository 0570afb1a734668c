/** Builtins of Rego that compiled gates may ask their host for: those that it has, and that answer everywhere the same. */
const allowed: readonly string[] = ["json.is_valid", "regex.split", "yaml.is_valid", "yaml.marshal", "yaml.unmarshal"];

const forbidden: readonly (readonly [names: RegExp, why: string])[] = [
  [/^(http\.|net\.|providers\.)/, "rules speak to nobody"],
  [/^(time\.|rand\.|uuid\.)/, "rules know no clock and no chance: the moment of judging is `input.now`"],
  [/^(opa\.runtime$|rego\.|trace$|print$)/, "rules know nothing of what runs them"],
  [/^(io\.jwt|crypto\.)/, "digests and signatures are checked before any rule is asked"],
  [/^sprintf$/, "hosts differ in it: a rule answers with values, and the sentence is made of them"],
];

/** Why compiled gates that ask for a builtin are not taken, in a sentence that names it; `undefined` where it is allowed. */
export function whyBuiltinRefused(name: string): string | undefined {
  if (allowed.includes(name)) return undefined;
  const why = forbidden.find(([names]) => names.test(name))?.[1] ?? "what runs the rules does not have it";
  return `The rules use the builtin '${name.slice(0, 80)}', which is not allowed: ${why}.`;
}
