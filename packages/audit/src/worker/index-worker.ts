import { parentPort, workerData } from "node:worker_threads";
import { isDamage } from "../index-database.ts";
import { JournalFollower } from "./journal-follower.ts";
import type { IndexOrder, IndexReport, IndexWorkerData } from "./messages.ts";

// The store that started this Worker says where; nobody else can.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const { directory, stop } = workerData as IndexWorkerData;
const follower = new JournalFollower(directory, () => Atomics.load(stop, 0) !== 0);

parentPort?.on("message", (order: IndexOrder) => void obey(order));

async function obey(order: IndexOrder): Promise<void> {
  if (order.kind === "close") {
    follower.close();
    parentPort?.close();
    return;
  }
  const report = await carryOut(order).then(
    (): IndexReport => ({ kind: "done" }),
    (error: unknown): IndexReport => ({
      kind: "failed",
      message: error instanceof Error ? error.message : "unknown failure",
      isDamage: isDamage(error),
    }),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
  parentPort?.postMessage(report);
}

async function carryOut(order: Exclude<IndexOrder, { kind: "close" }>): Promise<void> {
  switch (order.kind) {
    case "catch-up":
      return follower.catchUp();
    case "forget":
      return follower.forgetBefore(order.before);
    case "remove":
      return follower.remove();
    default:
      return order satisfies never;
  }
}
