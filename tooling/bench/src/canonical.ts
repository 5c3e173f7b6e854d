import { canonicalize } from "@sigilrt/canonical";
import peer from "canonicalize";
import type { RatioCase } from "./ratio.ts";

const record = {
  v: 1,
  log: `sha256:${"ab".repeat(32)}`,
  seq: 7,
  at: "2026-11-21T07:00:00.000Z",
  type: "audit.record",
  prev_hash: `sha256:${"cd".repeat(32)}`,
  body: {
    action: "capability_check",
    actor: "ada",
    plugin: "notes",
    capability: "tool.notes.read",
    result: "allowed",
    matched: { plugin: "tool.notes.*", workspace: "*", user: "tool.*" },
    generation: 3,
  },
};

export const canonicalCases: readonly RatioCase[] = [
  {
    name: "canonical: one audit record, against canonicalize 5.1.0",
    agree: () => canonicalize(record) === peer(record),
    ours: () => canonicalize(record),
    peer: () => peer(record),
    maxRatio: 1,
  },
];
