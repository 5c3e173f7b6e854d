// Node has these; TypeScript knows them only with `dom`, which no package here uses. wasm-host declares the rest.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Memory {
    constructor(bounds: { readonly initial: number; readonly maximum?: number });
    readonly buffer: ArrayBuffer;
  }
  class Table {
    constructor(bounds: {
      readonly element: "anyfunc" | "externref";
      readonly initial: number;
      readonly maximum?: number;
    });
  }
}
