/** The standard streams of a process. */
type StandardStream = "stdout" | "stderr";

/** A piece of what was printed. */
interface PrintedChunk {
  /** Where it was printed. */
  readonly stream: StandardStream;
  /** The bytes. */
  readonly data: Uint8Array;
}

/** Keeps the newest of what is printed, for a reader who may be slow or absent. Printing never waits. */
export interface OutputRing {
  /** Adds a piece, and drops the oldest ones of its stream while there is too much. */
  push(stream: StandardStream, data: Uint8Array): void;
  /** Takes the oldest piece. */
  take(): PrintedChunk | undefined;
  /** Answers how many bytes were dropped since it was asked last. */
  takeDropped(): number;
  /** Yields pieces as they come, until the signal aborts, or after {@link OutputRing.end} until none is left. */
  read(signal: AbortSignal): AsyncGenerator<PrintedChunk, void, undefined>;
  /** Lets readers end. */
  end(): void;
}

/** What keeping a piece costs beside its bytes; otherwise single characters would cost many times their size. */
const PIECE_BYTES = 64;

/** Makes a ring that keeps at most `maxBytes` of each stream, counting 64 bytes on top of each piece. */
export function createOutputRing(maxBytes: number): OutputRing {
  const queues = { stdout: createQueue(maxBytes), stderr: createQueue(maxBytes) };
  let printed = 0;
  let dropped = 0;
  let ended = false;
  let wake = Promise.withResolvers<void>();

  const take = (): PrintedChunk | undefined => {
    const older = queues.stdout.headOrder() < queues.stderr.headOrder() ? "stdout" : "stderr";
    const data = queues[older].take();
    return data === undefined ? undefined : { stream: older, data };
  };
  const notify = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  return {
    push(stream, data) {
      printed += 1;
      dropped += queues[stream].push(data, printed);
      notify();
    },
    take,
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
    async *read(signal) {
      signal.addEventListener("abort", notify, { once: true });
      while (!signal.aborted) {
        const chunk = take();
        if (chunk !== undefined) yield chunk;
        else if (ended) return;
        // oxlint-disable-next-line no-await-in-loop -- waits for the next piece
        else await wake.promise;
      }
    },
    end() {
      ended = true;
      notify();
    },
  };
}

interface Queue {
  /** Adds a piece, and answers how many bytes had to go. */
  push(data: Uint8Array, order: number): number;
  take(): Uint8Array | undefined;
  /** Tells which of two queues has the older head; infinite when there is none. */
  headOrder(): number;
}

function createQueue(maxBytes: number): Queue {
  const pieces: { readonly data: Uint8Array; readonly order: number }[] = [];
  let used = 0;
  const isFull = (): boolean => used > maxBytes;
  const take = (): Uint8Array | undefined => {
    const data = pieces.shift()?.data;
    if (data !== undefined) used -= data.byteLength + PIECE_BYTES;
    return data;
  };
  return {
    push(data, order) {
      const tail = data.subarray(Math.max(0, data.byteLength + PIECE_BYTES - maxBytes));
      let gone = data.byteLength - tail.byteLength;
      pieces.push({ data: tail, order });
      used += tail.byteLength + PIECE_BYTES;
      while (isFull()) gone += take()?.byteLength ?? 0;
      return gone;
    },
    take,
    headOrder: () => pieces[0]?.order ?? Number.POSITIVE_INFINITY,
  };
}
