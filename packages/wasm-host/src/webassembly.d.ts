// Node has these; TypeScript knows them only with `dom`, which this package does without.
declare namespace WebAssembly {
  interface Module {
    readonly brand: unique symbol;
  }
  class Instance {
    constructor(module: Module, imports?: object);
    readonly exports: object;
  }
  class Global<T extends number | bigint> {
    constructor(
      type: { readonly value: "i32" | "i64" | "f32" | "f64"; readonly mutable: boolean },
      value: T,
    );
    value: T;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
