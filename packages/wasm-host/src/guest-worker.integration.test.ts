import { expect, it } from "vitest";
import { fixture } from "./fixtures/fixture-files.ts";
import { GuestWorker, type Hearing } from "./guest-worker.ts";

const hearing: Hearing = {
  ask: async () => ({ kind: "value", value: undefined }),
  log: () => {},
};

it("tells an order that its Worker ended, and takes no other", async () => {
  const module = await WebAssembly.compile(fixture("silent"));
  const worker = new GuestWorker(1_048_576);
  const order = worker.order({ kind: "start-module", module, imports: [] }, hearing);
  const [ended] = await Promise.allSettled([order, worker.end()]);
  expect(ended).toMatchObject({ status: "rejected", reason: { code: "WORKER_LOST" } });
  await expect(worker.order({ kind: "describe" }, hearing)).rejects.toMatchObject({
    code: "WORKER_LOST",
  });
  await worker.end();
});
