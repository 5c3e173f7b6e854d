import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Answer, Order, Report } from "./messages.ts";

const { wake, answers }: { wake: SharedArrayBuffer; answers: MessagePort } = workerData;
const flag = new Int32Array(wake);

/** Tells the host something. */
export function report(message: Report): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
  parentPort?.postMessage(message);
}

/** Hears orders of the host, one after the other. */
export function onOrder(hear: (order: Order) => void): void {
  parentPort?.on("message", hear);
}

/** Asks the host and sleeps until it answers; the host ends a sleeping Worker as it ends a busy one. */
export function ask(name: string, args: readonly unknown[]): Answer {
  const before = Atomics.load(flag, 0);
  report({ kind: "ask", import: name, args });
  for (;;) {
    const answer: { message: Answer } | undefined = receiveMessageOnPort(answers);
    if (answer !== undefined) return answer.message;
    Atomics.wait(flag, 0, before);
  }
}
