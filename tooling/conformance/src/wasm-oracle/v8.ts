/** A started module. */
export interface V8Instance {
  readonly exports: object;
}

/** A counter or a variable of a module. */
export interface V8Global {
  value: unknown;
}

interface V8Memory {
  readonly buffer: ArrayBuffer;
}

interface Bounds {
  readonly initial: number;
  readonly maximum?: number;
}

/** What Node has and TypeScript knows with `dom` alone. */
interface V8 {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => V8Instance;
  readonly Global: new (
    type: { readonly value: "i32" | "i64" | "f32" | "f64"; readonly mutable: boolean },
    value: unknown,
  ) => V8Global;
  readonly Memory: new (bounds: Bounds) => V8Memory;
  readonly Table: new (bounds: Bounds & { readonly element: "anyfunc" | "externref" }) => object;
}

const found: unknown = Reflect.get(globalThis, "WebAssembly");

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine's own interface, as the JavaScript API names it
export const v8 = found as V8;
