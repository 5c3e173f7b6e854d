import { hostCallCost } from "../meter/costs.ts";
import { GuestStop } from "./failure.ts";
import type { CompiledCore, CounterBounds, Failure } from "./messages.ts";

/** What a run used, once it ended. */
interface Spent {
  /** Fuel, where it was counted. */
  readonly fuelUsed: number | undefined;
}

/** The counters of one guest. All its core modules import the same ones. */
export class Counters {
  /** What every module imports beside what its author wrote. Never handed to glue, which could fill them up. */
  readonly imports: object;
  readonly #fuel = new WebAssembly.Global<bigint>({ value: "i64", mutable: true }, 0n);
  readonly #pages: WebAssembly.Global<bigint>;
  readonly #elements: WebAssembly.Global<bigint>;
  readonly #refused = new WebAssembly.Global<number>({ value: "i32", mutable: true }, 0);
  #instances: number;
  #limit: number | undefined;

  constructor({ pages, elements, core_instances: instances }: CounterBounds) {
    this.#pages = new WebAssembly.Global({ value: "i64", mutable: true }, BigInt(pages));
    this.#elements = new WebAssembly.Global({ value: "i64", mutable: true }, BigInt(elements));
    this.#instances = instances;
    const counters = bare({
      fuel: this.#fuel,
      pages: this.#pages,
      elements: this.#elements,
      refused: this.#refused,
    });
    this.imports = bare({ $sigil: counters });
  }

  /** Begins a start or a call: fuel is whole, and no growth was refused. */
  begin(fuel: number | undefined): void {
    this.#limit = fuel;
    this.#fuel.value = BigInt(fuel ?? 0);
    this.#refused.value = 0;
  }

  /** Counts what an instance begins with, before it is made. */
  admit({ pages, elements, segmentFuel }: CompiledCore): void {
    this.#instances -= 1;
    if (this.#instances < 0) throw passed("core_instances");
    this.#pages.value -= BigInt(pages);
    if (this.#pages.value < 0n) throw passed("memory_bytes");
    this.#elements.value -= BigInt(elements);
    if (this.#elements.value < 0n) throw passed("table_elements");
    this.#charge(segmentFuel);
  }

  /** Charges a call of the host with what the guest sends. */
  chargeQuestion(sent: number): void {
    this.#charge(hostCallCost(sent));
  }

  /** Charges what the host answers, before the guest gets it. */
  chargeAnswer(sent: number, received: number): void {
    this.#charge(hostCallCost(sent + received) - hostCallCost(sent));
  }

  /** Ends a start or a call that came back. What stopped inside a handler of the guest is stopped here. */
  finish(): Spent {
    if (this.#isExhausted) throw exhausted();
    return { fuelUsed: this.#used };
  }

  /** Tells by the counters what a failure was. After a trap a counter may be too high, so what was used is a lower bound. */
  judge(failure: Failure): Failure {
    const fuelUsedAtLeast = this.#used;
    const { phase } = failure;
    if (this.#isExhausted) {
      return { code: "FUEL_EXHAUSTED", phase, text: "its fuel is used up", fuelUsedAtLeast };
    }
    const trapped = failure.code === "CALL_TRAPPED" || failure.code === "START_FAILED";
    if (trapped && this.#refused.value !== 0) {
      const text = "it trapped after memory or table elements were refused";
      return { code: "MEMORY_EXCEEDED", phase, text, fuelUsedAtLeast };
    }
    return { ...failure, fuelUsedAtLeast };
  }

  #charge(cost: number): void {
    if (this.#limit === undefined) return;
    this.#fuel.value -= BigInt(cost);
    if (this.#isExhausted) throw exhausted();
  }

  get #isExhausted(): boolean {
    return this.#limit !== undefined && this.#fuel.value < 0n;
  }

  get #used(): number | undefined {
    if (this.#limit === undefined) return undefined;
    const left = this.#fuel.value;
    return this.#limit - Number(left < 0n ? 0n : left);
  }
}

function bare(entries: Readonly<Record<string, unknown>>): object {
  return Object.freeze(Object.assign(Object.create(null), entries));
}

const passed = (limit: "memory_bytes" | "table_elements" | "core_instances"): GuestStop => {
  const text = `all its modules together pass the limit ${limit}`;
  return new GuestStop({ code: "LIMIT", phase: "start", limit, text });
};

/** A handler of the guest may catch it; the next run the guest enters finds the counter negative and ends for good. */
const exhausted = (): GuestStop =>
  new GuestStop({ code: "FUEL_EXHAUSTED", phase: "call", text: "its fuel is used up" });
