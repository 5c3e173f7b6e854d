import type { CapabilitySet } from "@sigilrt/capability";
import { EnforcerError } from "./enforcer-error.ts";

/** Counts the handles that are not revoked. */
export class HandleCount {
  readonly #most: number;
  #live = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws EnforcerError LIMIT_EXCEEDED */
  add(): void {
    if (this.#live >= this.#most) {
      throw new EnforcerError(
        "LIMIT_EXCEEDED",
        `Cannot make a handle: ${this.#live} are not revoked; revoke those that are done`,
      );
    }
    this.#live += 1;
  }

  remove(count: number): void {
    this.#live -= count;
  }
}

/** What a bound handle may, besides what every other leg allows: its place among its ancestors, and its own set. */
export class Handle {
  /** Absent in a handle that was not attenuated: then it narrows nothing. */
  readonly set: CapabilitySet | undefined;
  readonly #count: HandleCount;
  readonly #parent: Handle | undefined;
  #revoked = false;
  /** This handle and those made from it that are not revoked. */
  #live = 1;

  /** @throws EnforcerError LIMIT_EXCEEDED */
  constructor(count: HandleCount, set?: CapabilitySet, parent?: Handle) {
    this.#count = count;
    this.set = set;
    this.#parent = parent;
    if (parent?.isRevoked()) return;
    count.add();
    for (let above = parent; above; above = above.#parent) above.#live += 1;
  }

  isRevoked(): boolean {
    if (this.#revoked) return true;
    for (let above = this.#parent; above; above = above.#parent) {
      if (above.#revoked) return true;
    }
    return false;
  }

  /** Revokes this handle and every one made from it; `false` when it was revoked already. */
  revoke(): boolean {
    if (this.isRevoked()) return false;
    this.#revoked = true;
    this.#count.remove(this.#live);
    for (let above = this.#parent; above; above = above.#parent) above.#live -= this.#live;
    return true;
  }

  /** @throws EnforcerError WIDENING when `set` is not covered by this handle, LIMIT_EXCEEDED */
  attenuate(set: CapabilitySet): Handle {
    if (this.set && !this.set.covers(set)) {
      const [first] = this.set.excess(set);
      throw new EnforcerError(
        "WIDENING",
        `Cannot attenuate a handle: it does not hold "${String(first)}"; leave out what it does not hold`,
      );
    }
    return new Handle(this.#count, set, this);
  }
}
