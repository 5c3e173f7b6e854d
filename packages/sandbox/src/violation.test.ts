import { describe, expect, it } from "vitest";
import { createViolationQueue, type Violation } from "./violation.ts";

const subject = { plugin: "echo", policy: "d".repeat(64) };

const opened = (deliver?: (violation: Violation) => Promise<void>) => {
  const told: Violation[] = [];
  const clock = { at: 1_000 };
  const queue = createViolationQueue(
    subject,
    async (violation) => {
      await deliver?.(violation);
      told.push(violation);
    },
    () => clock.at,
  );
  return { queue, told, clock };
};

describe("violations", () => {
  it("are delivered with whose, when and what, frozen", async () => {
    const { queue, told } = opened();
    await queue.report("socket_substituted", "socket x");
    expect(told).toEqual([
      { ...subject, at: 1_000, kind: "socket_substituted", detail: "socket x" },
    ]);
    expect(Object.isFrozen(told[0])).toBe(true);
  });

  it("are delivered in order, one after the other", async () => {
    let running = 0;
    const { queue, told } = opened(async () => {
      running += 1;
      expect(running).toBe(1);
      await Promise.resolve();
      running -= 1;
    });
    await Promise.all(["a", "b", "c"].map((detail) => queue.report("file_size", detail)));
    expect(told.map(({ detail }) => detail)).toEqual(["a", "b", "c"]);
  });

  it("of a flood reach the receiver a hundred times a second, then as one count", async () => {
    const { queue, told, clock } = opened();
    await Promise.all(
      Array.from({ length: 350 }, (_, index) => queue.report("file_size", `${index}`)),
    );
    expect(told).toHaveLength(100);
    clock.at += 1_000;
    await queue.report("file_size", "next");
    expect(told.slice(100).map(({ detail }) => detail)).toEqual([
      "250 more were only counted",
      "next",
    ]);
  });

  it("that were only counted are told at the end", async () => {
    const { queue, told } = opened();
    await Promise.all(Array.from({ length: 101 }, () => queue.report("file_size", "x")));
    await queue.flush();
    expect(told.at(-1)?.detail).toBe("1 more were only counted");
    await queue.flush();
    expect(told).toHaveLength(101);
  });

  it("that could not be delivered are told to who reported and to who closes, and hold up no other", async () => {
    const failure = new Error("full");
    const { queue, told } = opened(({ detail }) =>
      detail === "lost" ? Promise.reject(failure) : Promise.resolve(),
    );
    await expect(queue.report("file_size", "lost")).rejects.toBe(failure);
    await queue.report("file_size", "kept");
    expect(told.map(({ detail }) => detail)).toEqual(["kept"]);
    await expect(queue.flush()).rejects.toBe(failure);
  });
});
