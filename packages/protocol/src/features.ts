/** The features that hosts and plugins may exchange in `Init`; the intersection holds, unknown names are ignored. */
export const FEATURES = Object.freeze([
  "tool.chunks/1",
  "chat.events/1",
  "call.cancel/1",
  "host.callbacks/1",
  "lane.framed/1",
] as const);

/** The name of a feature that this version of the contract knows. */
export type Feature = (typeof FEATURES)[number];
