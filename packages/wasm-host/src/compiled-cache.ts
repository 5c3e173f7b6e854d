import { createHash } from "node:crypto";
import { METER_VERSION } from "./meter/costs.ts";
import type { Metering } from "./prepare.ts";

/** Bytes of sources whose compiled form is kept. */
const MOST_BYTES = 268_435_456;

interface Entry {
  readonly bytes: number;
  readonly compiled: Promise<unknown>;
}

/** Keeps compiled guests in memory, by the content of their bytes and all that metering depends on. */
export class CompiledCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #hits = 0;

  /** How often something was found. */
  get hits(): number {
    return this.#hits;
  }

  /** Answers what was compiled, or compiles. A failure is not kept. */
  async get<T>(
    kind: "module" | "component",
    bytes: Uint8Array,
    { fuel, limits }: Metering,
    compile: () => Promise<T>,
  ): Promise<T> {
    const key = createHash("sha256")
      .update(JSON.stringify([kind, METER_VERSION, fuel, limits]))
      .update(bytes)
      .digest("hex");
    const found = this.#entries.get(key);
    if (found !== undefined) {
      this.#hits += 1;
      // The key names the kind, and each kind is compiled by one function alone.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
      return (await found.compiled) as T;
    }
    const compiled = await compile();
    this.#keep(key, { bytes: bytes.length, compiled: Promise.resolve(compiled) });
    return compiled;
  }

  #keep(key: string, entry: Entry): void {
    if (this.#entries.has(key)) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= MOST_BYTES) return;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
