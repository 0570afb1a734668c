// The package's own types name functions that its ES module does not export, and are `any` throughout; this is what
// its default export holds of what is used here.
declare module "@open-policy-agent/opa-wasm" {
  interface LoadedPolicy {
    readonly entrypoints: Readonly<Record<string, number>>;
    evaluate(input: object, entrypoint?: string): unknown;
    setData(data: object): void;
  }

  const opa: {
    loadPolicySync(wasm: Uint8Array, memory?: { initial: number; maximum: number }): LoadedPolicy;
  };
  export default opa;
}
