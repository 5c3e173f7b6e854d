import { type RatioResult, summarise } from "./ratio.ts";

/** Two ways to make a call that crosses threads or processes. */
export interface CallCase {
  readonly name: string;
  /** Ours divided by the peer, at the median. A miss is reported, never a failure. */
  readonly maxRatio: number;
  /** How often each side calls in a round; 200. */
  readonly calls?: number;
  /** Calls of a side that are under way at the same time; 1. */
  readonly inFlight?: number;
  /** How often both sides are measured; 7. */
  readonly rounds?: number;
  /** Starts both sides. */
  readonly open: () => Promise<OpenCalls>;
}

/** Both sides, started; what they answer is compared before anything is measured. */
export interface OpenCalls extends AsyncDisposable {
  ours(): Promise<unknown>;
  peer(): Promise<unknown>;
}

/** Measures both sides in alternating rounds, as `measureRatio` does for work that crosses nothing. */
export async function measureCalls(
  { name, maxRatio, calls = 200, inFlight = 1, rounds: wanted = 7, open }: CallCase,
  { rounds = wanted, now = () => process.hrtime.bigint() } = {},
): Promise<RatioResult> {
  await using sides = await open();
  const [ours, peer] = [JSON.stringify(await sides.ours()), JSON.stringify(await sides.peer())];
  if (ours !== peer) {
    throw new Error(`Cannot compare "${name}": the sides disagree, ${ours} and ${peer}`);
  }
  const time = async (call: () => Promise<unknown>): Promise<number> => {
    let left = calls;
    const caller = async (): Promise<void> => {
      for (; left > 0;) {
        left -= 1;
        // oxlint-disable-next-line no-await-in-loop -- one call after the other is what is measured
        await call();
      }
    };
    const start = now();
    await Promise.all(Array.from({ length: inFlight }, caller));
    return Number(now() - start) / calls;
  };
  await time(() => sides.ours());
  await time(() => sides.peer());
  const samples: { oursNs: number; peerNs: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isOursFirst = round % 2 === 0;
    // oxlint-disable-next-line no-await-in-loop -- rounds alternate
    const first = await time(() => (isOursFirst ? sides.ours() : sides.peer()));
    // oxlint-disable-next-line no-await-in-loop -- as above
    const second = await time(() => (isOursFirst ? sides.peer() : sides.ours()));
    samples.push(
      isOursFirst ? { oursNs: first, peerNs: second } : { oursNs: second, peerNs: first },
    );
  }
  return summarise(name, maxRatio, samples);
}
