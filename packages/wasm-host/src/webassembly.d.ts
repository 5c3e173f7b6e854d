// Node has these; TypeScript knows them only with `dom`, which this package does without.
declare namespace WebAssembly {
  interface Module {
    readonly brand: unique symbol;
  }
  class Instance {
    constructor(module: Module, imports?: object);
    readonly exports: object;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
