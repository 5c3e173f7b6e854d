/** Who wants an instance, and what it could do without. */
export interface Claimant {
  /** How many instances it has. */
  readonly size: number;
  /** Since when its longest idle instance is idle, in milliseconds since the epoch; `undefined` when all of them work. */
  readonly idleSince: number | undefined;
  /** Tries again, since there is room. */
  grow(): void;
  /** Stops the longest idle instance. */
  dismissIdle(): void;
  /** Lets the instance with the fewest calls finish them and stop. */
  dismissLeastLoaded(): void;
}

/**
 * Counts the instances of one manager. When it is full, the longest idle instance of anybody is stopped; else those who want one
 * wait, each pool once, those without any instance first, so that no pool with many callers keeps the others out.
 */
export class InstanceCapacity {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #pools: () => Iterable<Claimant>;
  readonly #waiting = new Set<Claimant>();
  #used = 0;
  /** Instances that were asked to stop to make room and have not ended yet. */
  #leaving = 0;

  constructor(most: number, mostWaiting: number, pools: () => Iterable<Claimant>) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
    this.#pools = pools;
  }

  /** Takes a place. When there is none, the claimant is told once there is; `full` when too many wait already. */
  take(claimant: Claimant): "taken" | "waiting" | "full" {
    const isNew = !this.#waiting.has(claimant);
    this.#waiting.add(claimant);
    if (this.#used < this.#most && this.#first() === claimant) {
      this.#waiting.delete(claimant);
      this.#used += 1;
      return "taken";
    }
    if (isNew && this.#waiting.size > this.#mostWaiting) {
      this.#waiting.delete(claimant);
      return "full";
    }
    this.makeRoom();
    return "waiting";
  }

  /** The claimant wants none any more. */
  withdraw(claimant: Claimant): void {
    if (this.#waiting.delete(claimant)) this.#next();
  }

  /** Gives a place back, when nothing of its instance is left. */
  giveBack(wasDismissed: boolean): void {
    this.#used -= 1;
    if (wasDismissed) this.#leaving -= 1;
    this.#next();
  }

  /** Stops what is idle while more wait than there is room for. */
  makeRoom(): void {
    while (this.#used - this.#leaving + this.#waiting.size > this.#most) {
      const idle = longestIdle(this.#pools());
      if (!idle) break;
      this.#leaving += 1;
      idle.dismissIdle();
    }
    // A pool that keeps many instances at work would never let another one have its first.
    const next = this.#first();
    if (this.#leaving > 0 || this.#used < this.#most || !next || next.size > 0) return;
    const largest = largestOf(this.#pools());
    if (!largest || largest.size < 2) return;
    this.#leaving += 1;
    largest.dismissLeastLoaded();
  }

  /** Who has nothing yet comes before who wants more. */
  #first(): Claimant | undefined {
    const [first] = this.#waiting;
    for (const claimant of this.#waiting) if (claimant.size === 0) return claimant;
    return first;
  }

  #next(): void {
    const next = this.#first();
    if (next && this.#used < this.#most) next.grow();
  }
}

function longestIdle(pools: Iterable<Claimant>): Claimant | undefined {
  let longest: { readonly pool: Claimant; readonly since: number } | undefined;
  for (const pool of pools) {
    const since = pool.idleSince;
    if (since !== undefined && (!longest || since < longest.since)) longest = { pool, since };
  }
  return longest?.pool;
}

function largestOf(pools: Iterable<Claimant>): Claimant | undefined {
  let largest: Claimant | undefined;
  for (const pool of pools) if (pool.size > (largest?.size ?? 0)) largest = pool;
  return largest;
}
