import { PLUGIN_STATES, type PluginState, validTransition } from "@sigilrt/lifecycle";
import { describe, expect, it } from "vitest";

/** The table of the design, written apart from the code. */
const allowed = new Set([
  "discovered validating",
  "validating loading",
  "validating error",
  "loading running",
  "loading error",
  "running draining",
  "running error",
  "draining stopping",
  "draining error",
  "stopping stopped",
  "stopping error",
]);

const pairs = PLUGIN_STATES.flatMap((from) => PLUGIN_STATES.map((to) => ({ from, to })));

describe("validTransition", () => {
  it.each(pairs.filter(({ from, to }) => allowed.has(`${from} ${to}`)))(
    "allows $from to $to",
    ({ from, to }) => {
      expect(validTransition(from, to)).toBe(true);
    },
  );

  it.each(pairs.filter(({ from, to }) => !allowed.has(`${from} ${to}`)))(
    "refuses $from to $to",
    ({ from, to }) => {
      expect(validTransition(from, to)).toBe(false);
    },
  );

  it("knows eight states and eleven moves", () => {
    expect(PLUGIN_STATES).toHaveLength(8);
    expect(pairs.filter(({ from, to }) => validTransition(from, to))).toHaveLength(11);
  });

  it.each([undefined, null, 1, "", "Running", "__proto__", "constructor", {}, Symbol("running")])(
    "is total: %s is no state, on either side",
    (stranger) => {
      expect(validTransition(stranger as PluginState, "error")).toBe(false);
      expect(validTransition("running", stranger as PluginState)).toBe(false);
    },
  );

  it("has a list of states that nobody can change", () => {
    expect(Object.isFrozen(PLUGIN_STATES)).toBe(true);
  });
});
