import { parseManifest } from "@sigilrt/manifest";
import { parse } from "yaml";
import type { RatioCase } from "./ratio.ts";

const rights = Array.from(
  { length: 20 },
  (_, index) =>
    `  - pattern: kv.area-${index}.read\n    description: Remembers what was said in area ${index}\n`,
).join("");
const text = `name: weather
version: 1.4.0
type: tool
engine: ">=0.1.0"
capabilities:
${rights}execution:
  tier: process
  sandbox:
    network:
      allow: ["api.weather.example:443"]
entry:
  command: [node, main.js]
`;

export const manifestCases: readonly RatioCase[] = [
  {
    name: `manifest: parseManifest of ${text.length} bytes, against yaml alone`,
    agree: () => JSON.stringify(parse(text)).includes(`"name":"${parseManifest(text).name}"`),
    ours: () => parseManifest(text),
    peer: () => parse(text),
    maxRatio: 3,
    iterations: 50,
  },
];
