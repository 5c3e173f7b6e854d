import { StringDecoder } from "node:string_decoder";
import { Transform } from "node:stream";
import type { PluginLine } from "@sigilrt/cli";

/** What is kept of one plugin. */
const MAX_BYTES = 262_144;
/** The rest of a longer line is left out. */
const MAX_LINE = 8_192;

/** The newest lines of each plugin, in memory. */
export interface PluginLogs {
  /** A stream that passes on what a plugin writes, and keeps its lines. */
  tap(plugin: string): Transform;
  /** Keeps a line that a plugin wrote. */
  write(plugin: string, text: string): void;
  /** Keeps a line of the gateway's own. */
  note(plugin: string, text: string): void;
  /** What is kept, oldest first; with `follow` also what comes, until the signal aborts. */
  read(
    plugin: string,
    options: { readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncIterable<PluginLine>;
}

/** Makes empty logs. */
export function createPluginLogs(clock: { now(): number } = Date): PluginLogs {
  const rings = new Map<string, Ring>();
  const ringOf = (plugin: string): Ring => {
    const ring = rings.get(plugin) ?? new Ring();
    rings.set(plugin, ring);
    return ring;
  };
  const add = (plugin: string, source: PluginLine["source"], text: string): void => {
    const at = new Date(clock.now()).toISOString();
    ringOf(plugin).add({ at, source, text: text.slice(0, MAX_LINE) });
  };
  return {
    tap: (plugin) => lineTap((text) => add(plugin, "plugin", text)),
    write: (plugin, text) => add(plugin, "plugin", text),
    note: (plugin, text) => add(plugin, "host", text),
    async *read(plugin, { follow, signal }) {
      const ring = ringOf(plugin);
      for (let next = 0; ;) {
        for (const { number, ...line } of ring.from(next)) {
          if (signal.aborted) return;
          yield { ...line, dropped: number - next };
          next = number + 1;
        }
        if (!follow || signal.aborted) return;
        // oxlint-disable-next-line no-await-in-loop -- waits for the next line
        await ring.reached(next, signal);
      }
    },
  };
}

/** An empty line costs something as well. */
const costOf = ({ text }: Line): number => Math.max(64, text.length);

type Line = Omit<PluginLine, "dropped">;

class Ring {
  #lines: (Line & { readonly number: number })[] = [];
  #bytes = 0;
  #count = 0;
  #change = Promise.withResolvers<void>();

  add(line: Line): void {
    this.#lines.push({ ...line, number: this.#count });
    this.#count += 1;
    this.#bytes += costOf(line);
    while (this.#bytes > MAX_BYTES) {
      const oldest = this.#lines.shift();
      if (oldest) this.#bytes -= costOf(oldest);
    }
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** What is kept from a number on. */
  from(number: number): readonly (Line & { readonly number: number })[] {
    return this.#lines.filter((line) => line.number >= number);
  }

  /** Resolves once there is a line of this number, or when the signal aborts. */
  async reached(number: number, signal: AbortSignal): Promise<void> {
    // Lines may have come while the reader was busy.
    if (this.#count > number) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    await Promise.race([promise, this.#change.promise]);
    signal.removeEventListener("abort", stop);
  }
}

/** Passes bytes on and tells each line, of a longer one the beginning. */
function lineTap(tell: (line: string) => void): Transform {
  const decoder = new StringDecoder("utf8");
  let held = "";
  let isBegun = false;
  const take = (text: string): void => {
    isBegun ||= text !== "";
    // What is over the limit is not held: a line may never end.
    held = `${held}${text.slice(0, MAX_LINE)}`.slice(0, MAX_LINE);
  };
  const flush = (): void => {
    tell(held);
    held = "";
    isBegun = false;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const [first = "", ...others] = decoder.write(chunk).split("\n");
      take(first);
      for (const other of others) {
        flush();
        take(other);
      }
      done(undefined, chunk);
    },
    flush(done) {
      if (isBegun) flush();
      done();
    },
  });
}
