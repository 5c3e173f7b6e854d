import {
  LifecycleError,
  PLUGIN_STATES,
  PluginInstance,
  type PluginState,
  type Transition,
  validTransition,
} from "@sigilrt/lifecycle";
import { createManualClock } from "@sigilrt/lifecycle/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const identity = {
  plugin: "telegram",
  version: "1.0.0",
  digest: "tree1-sha256:0",
  epoch: 1,
  slot: 0,
};
const at = (initial: PluginState): PluginInstance => new PluginInstance(identity, { initial });

const pairs = PLUGIN_STATES.flatMap((from) => PLUGIN_STATES.map((to) => ({ from, to })));

describe("PluginInstance", () => {
  it("begins as discovered", () => {
    expect(new PluginInstance(identity).state).toBe("discovered");
  });

  it.each(pairs.filter(({ from, to }) => validTransition(from, to)))(
    "moves from $from to $to",
    ({ from, to }) => {
      const instance = at(from);
      expect(instance.transitionTo(to)).toEqual({ from, to, sequence: 1 });
      expect(instance.state).toBe(to);
    },
  );

  it.each(pairs.filter(({ from, to }) => !validTransition(from, to)))(
    "refuses to move from $from to $to and stays as it was",
    ({ from, to }) => {
      const told: Transition[] = [];
      const instance = new PluginInstance(identity, {
        initial: from,
        onTransition: (transition) => told.push(transition),
      });
      expect(() => instance.transitionTo(to)).toThrow(
        expect.objectContaining({ name: "LifecycleError", code: "INVALID_TRANSITION" }),
      );
      expect(instance.state).toBe(from);
      expect(instance.history).toHaveLength(0);
      expect(told).toEqual([]);
    },
  );

  it.each([undefined, null, "Running", "__proto__", { toString: () => "running" }])(
    "refuses %s, which is no state",
    (stranger) => {
      const instance = at("loading");
      expect(() => instance.transitionTo(stranger as PluginState)).toThrow(LifecycleError);
      expect(instance.state).toBe("loading");
    },
  );

  it.each(["draining", "stopping"] as const)("goes to error when it crashes in %s", (state) => {
    expect(at(state).transitionTo("error").to).toBe("error");
  });

  it("has one winner among 50 racers", async () => {
    const instance = at("running");
    const races = Array.from({ length: 50 }, async () => {
      await Promise.resolve();
      return instance.transitionTo("draining");
    });
    const outcomes = await Promise.allSettled(races);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(instance.state).toBe("draining");
    expect(instance.history).toHaveLength(1);
  });

  it("keeps what it is, whatever its maker does later", () => {
    const mutable = { ...identity };
    const instance = new PluginInstance(mutable);
    mutable.plugin = "other";
    expect(instance.identity.plugin).toBe("telegram");
    expect(Object.isFrozen(instance.identity)).toBe(true);
  });

  it("records time, reason and cause of a move", () => {
    const clock = createManualClock(1_000);
    const cause = new Error("signal 11");
    const instance = new PluginInstance(identity, { initial: "running", clock });
    const move = instance.transitionTo("error", { reason: "crashed", cause });
    expect(move).toEqual({
      from: "running",
      to: "error",
      at: 1_000,
      sequence: 1,
      reason: "crashed",
      cause,
    });
    expect(Object.isFrozen(move)).toBe(true);
  });

  it("keeps what an observer throws and moves all the same", () => {
    const thrown = new Error("observer");
    const instance = new PluginInstance(identity, {
      onTransition: () => {
        throw thrown;
      },
    });
    expect(instance.transitionTo("validating").observerError).toBe(thrown);
    expect(instance.state).toBe("validating");
    expect(instance.history[0]?.observerError).toBe(thrown);
  });

  it("lets an observer move it on and keeps both moves in order", () => {
    const instance: PluginInstance = new PluginInstance(identity, {
      initial: "validating",
      onTransition: ({ to }) => void onward.get(to)?.(),
    });
    const onward = new Map([["loading", () => instance.transitionTo("running")]]);
    instance.transitionTo("loading");
    expect(instance.history.map(({ to }) => to)).toEqual(["loading", "running"]);
  });

  it("hands out a history that nobody can change", () => {
    const instance = new PluginInstance(identity);
    instance.transitionTo("validating");
    expect(Object.isFrozen(instance.history)).toBe(true);
    expect(instance.history).not.toBe(instance.history);
  });

  it("keeps a history that is the path it went, on every random walk", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (choices) => {
        const instance = new PluginInstance(identity);
        const path: PluginState[] = ["discovered"];
        for (const choice of choices) {
          const next = PLUGIN_STATES.filter((state) => validTransition(instance.state, state));
          const chosen = next.slice(choice % Math.max(1, next.length)).slice(0, 1);
          for (const state of chosen) path.push(instance.transitionTo(state).to);
        }
        expect(["discovered", ...instance.history.map(({ to }) => to)]).toEqual(path);
        expect(instance.history.map(({ from }) => from)).toEqual(path.slice(0, -1));
        expect(instance.history.map(({ sequence }) => sequence)).toEqual(
          path.slice(1).map((_, index) => index + 1),
        );
        expect(new Set(path).size).toBe(path.length);
      }),
    );
  });
});
