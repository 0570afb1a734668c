// The package's own types name functions that its ES module does not export, and are `any` throughout; this is what
// its default export holds of what is used here.
declare module "@open-policy-agent/opa-wasm" {
  export interface LoadedPolicy {
    readonly entrypoints: Readonly<Record<string, number>>;
    evaluate(input: object, entrypoint?: string): unknown;
    setData(data: object): void;
  }

  const opa: {
    loadPolicySync(wasm: Uint8Array, memory?: { initial: number; maximum: number }): LoadedPolicy;
    readonly LoadedPolicy: new (
      instance: { readonly exports: object },
      memory: WebAssembly.Memory,
      minorVersion: number,
    ) => LoadedPolicy;
  };
  export default opa;
}

declare module "*/opa-wasm/src/builtins/index.js" {
  const builtins: Readonly<Record<string, (...given: readonly unknown[]) => unknown>>;
  export default builtins;
}
