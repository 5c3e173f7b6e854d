import { defineTool, PluginFailure } from "@sigilrt/plugin-sdk";

/** Checks what comes from outside; the schema of a tool tells its callers, and is not applied. */
function parsePerson(input: unknown): { readonly person: string } {
  if (typeof input === "object" && input !== null && "person" in input) {
    const { person } = input;
    if (typeof person === "string" && person !== "") return { person };
  }
  throw new TypeError('"person" is no name');
}

export const greet = defineTool({
  name: "greet",
  description: "Greets a person by name",
  input: { type: "object", properties: { person: { type: "string" } }, required: ["person"] },
  output: { type: "object", properties: { greeting: { type: "string" } }, required: ["greeting"] },
  annotations: { readOnly: true },
  parse: parsePerson,
  async *run({ person }, { log }) {
    log.info("greets", { characters: person.length });
    if (person.length > 100) throw new PluginFailure("too_long", "Nobody has such a long name");
    const greeting = `Hello, ${person}!`;
    yield { text: greeting };
    yield { structured: { greeting } };
  },
});
