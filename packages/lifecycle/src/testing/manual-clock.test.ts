import { createManualClock } from "@sigilrt/lifecycle/testing";
import { describe, expect, it } from "vitest";

describe("createManualClock", () => {
  it("stands still until it is moved", async () => {
    const clock = createManualClock(5);
    expect(clock.now()).toBe(5);
    await clock.advance(10);
    expect(clock.now()).toBe(15);
  });

  it("wakes sleepers in the order they are due, each at its own time", async () => {
    const clock = createManualClock();
    const woken: string[] = [];
    void clock.sleep(20).then(() => woken.push(`late at ${clock.now()}`));
    void clock.sleep(10).then(() => woken.push(`early at ${clock.now()}`));
    await clock.advance(9);
    expect(woken).toEqual([]);
    await clock.advance(11);
    expect(woken).toEqual(["early at 10", "late at 20"]);
  });

  it("lets a woken sleeper sleep again within the same move", async () => {
    const clock = createManualClock();
    const ticks: number[] = [];
    const tick = async (): Promise<void> => {
      await clock.sleep(10);
      ticks.push(clock.now());
      await clock.sleep(10);
      ticks.push(clock.now());
    };
    void tick();
    await clock.advance(100);
    expect(ticks).toEqual([10, 20]);
  });

  it("wakes a sleeper with the reason of its signal", async () => {
    const clock = createManualClock();
    const abort = new AbortController();
    const sleeping = clock.sleep(10, abort.signal);
    expect(clock.sleeping).toBe(1);
    abort.abort(new Error("enough"));
    await expect(sleeping).rejects.toThrow("enough");
    expect(clock.sleeping).toBe(0);
    await expect(clock.sleep(1, abort.signal)).rejects.toThrow("enough");
  });

  it("refuses to go back", async () => {
    await expect(createManualClock().advance(-1)).rejects.toThrow(RangeError);
  });
});
