/**
 * Tells Stryker to leave alone what the compiler proves unreachable: `default: return kind satisfies never`, which ends
 * every switch over a union. No test can notice a change there.
 */

/** As much of Babel's syntax tree as is looked at. */
interface SyntaxNode {
  readonly type: string;
  readonly test?: unknown;
  readonly consequent?: readonly {
    readonly argument?: { readonly type: string; readonly typeAnnotation?: SyntaxNode };
  }[];
}

function shouldIgnore({ node }: { readonly node: SyntaxNode }): string | undefined {
  if (node.type !== "SwitchCase" || node.test !== null) return undefined;
  const returned = node.consequent?.[0]?.argument;
  return returned?.type === "TSSatisfiesExpression" && returned.typeAnnotation?.type === "TSNeverKeyword"
    ? "The compiler proves that nothing comes here."
    : undefined;
}

/** https://stryker-mutator.io/docs/stryker-js/configuration/#ignorers-string */
export const strykerPlugins = [{ kind: "Ignore", name: "unreachable", value: { shouldIgnore } }];
