import {
  decideEngine,
  ManifestError,
  parseManifest,
  requestedCapabilities,
} from "@sigilrt/manifest";

const text = `name: weather
version: 1.4.0
type: tool
engine: ">=0.1.0 <2"
capabilities:
  - pattern: kv.read
    description: Remembers the last forecast
execution:
  tier: process
  sandbox:
    network:
      allow: ["api.weather.example:443"]
entry:
  command: [node, main.js]
`;

const weather = parseManifest(text);
console.log(
  weather.name,
  weather.resources.memoryBytes,
  weather.lifecycle.gracefulShutdownTimeoutMs,
);
for (const { pattern, source } of requestedCapabilities(weather)) console.log(pattern, source);
console.log(decideEngine(weather, "2.0.0"));

try {
  parseManifest(text.replace("execution", "executoin").replace("kv.read", "kv.re*"));
} catch (error) {
  console.log(error instanceof ManifestError && error.message);
}
