// The sample's component: what a text tool does, in plain JavaScript, built into WebAssembly by `pnpm build:fixtures`.

const string = { type: "string", maxLength: 1_000_000 };
const one = { type: "object", properties: { text: string }, required: ["text"] };
const two = {
  type: "object",
  properties: { before: string, after: string },
  required: ["before", "after"],
};

const tools = {
  count: {
    description: "Counts the characters, words and lines of a text",
    input: one,
    run: ({ text }) => ({
      characters: [...text].length,
      words: text.split(/\s+/u).filter((word) => word !== "").length,
      lines: text === "" ? 0 : text.split("\n").length,
    }),
  },
  slug: {
    description: "Turns a title into lower-case words joined by hyphens, for use in a web address",
    input: one,
    run: ({ text }) => ({
      slug: text
        .normalize("NFKD")
        .replace(/[\u0300-\u036f]/gu, "")
        .toLowerCase()
        .replace(/[^a-z0-9]+/gu, "-")
        .replace(/^-+|-+$/gu, ""),
    }),
  },
  compare: {
    description: "Lists the lines that only one of two texts has",
    input: two,
    run({ before, after }) {
      const [old, now] = [before.split("\n"), after.split("\n")];
      return {
        removed: old.filter((line) => !now.includes(line)),
        added: now.filter((line) => !old.includes(line)),
      };
    },
  },
};

const refuse = (code, message) => {
  throw { code, message, retryable: false, detailsJson: undefined };
};

export const tool = {
  describe: () =>
    Object.entries(tools).map(([name, { description, input }]) => ({
      name,
      title: undefined,
      description,
      inputSchemaJson: JSON.stringify(input),
      outputSchemaJson: undefined,
      annotations: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    })),
  call(name, argumentsJson) {
    const found = Object.hasOwn(tools, name) ? tools[name] : refuse("unknown-tool", name);
    const args = JSON.parse(argumentsJson);
    for (const key of found.input.required) {
      if (typeof args[key] !== "string") refuse("invalid-arguments", `"${key}" must be a text`);
    }
    return JSON.stringify(found.run(args));
  },
};
