import { defineTool, PluginFailure, serve } from "@sigilrt/plugin-sdk";

const skies = new Map([["Bern", "sunny"]]);

const weather = defineTool({
  name: "weather",
  description: "Tells the weather of a city",
  input: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  annotations: { readOnly: true },
  parse: (input: unknown) => {
    if (typeof input === "object" && input !== null && "city" in input) {
      const { city } = input;
      if (typeof city === "string") return { city };
    }
    throw new TypeError("city is not a text");
  },
  async *run({ city }, { log, progress }) {
    log.info("asked", { city });
    progress(1, 2, "looking up");
    const sky = skies.get(city);
    if (sky === undefined) throw new PluginFailure("city_unknown", `No weather for ${city}`);
    yield { text: `It is ${sky} in ${city}` };
    yield { structured: { city, sky } };
  },
});

await serve({
  name: "weather",
  version: "1.0.0",
  tools: [weather],
});
