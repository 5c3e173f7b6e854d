import { STATUS } from "../status.ts";
import type { LaneCall } from "./lane-call.ts";
import type { Method } from "./method.ts";

/** Opens a call and sends the messages of its caller beside whatever else happens; their failure is that of the call. */
export function startMessages<I, O>(
  call: LaneCall,
  messages: AsyncIterable<I>,
  { encode }: Method<I, O>,
): void {
  const source = messages[Symbol.asyncIterator]();
  let isDone = false;
  call.onceOver(() => {
    // Not awaited: a source that waits for something of its own answers when that has come.
    if (!isDone) void letGo(source);
    isDone = true;
  });
  const run = async (): Promise<void> => {
    await call.open();
    for (;;) {
      if (isDone) return;
      // oxlint-disable-next-line no-await-in-loop -- messages are pulled one by one
      const next = await source.next();
      if (isDone) return;
      if (next.done === true) break;
      // oxlint-disable-next-line no-await-in-loop -- the other side's pace holds the source
      await call.send(encode(next.value));
    }
    isDone = true;
    await call.send(undefined);
  };
  run().catch((error: unknown) => call.fail(error, STATUS.CANCELLED));
}

async function letGo(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // Nobody waits for its messages any more, so nobody for its failure.
  }
}
