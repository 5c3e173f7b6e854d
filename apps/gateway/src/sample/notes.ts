import { open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { defineTool, PluginFailure, serve } from "@sigilrt/plugin-sdk";

// The sample's process plugin: notes of one person, each a file in the one folder that the sandbox lets it write.
const folder = "/data/plugins/self";
const MAX_TEXT = 65_536;
const MAX_NOTES = 1_000;

const title = {
  type: "string",
  pattern: "^[A-Za-z0-9][A-Za-z0-9 _-]{0,63}$",
  description: "Letters, digits, spaces, hyphens",
};
const fileOf = (name: string): string => join(folder, `${name}.txt`);

function parseTitle(input: unknown): { readonly title: string } {
  const { title: found } = Object(input);
  if (typeof found === "string" && new RegExp(title.pattern, "u").test(found)) {
    return { title: found };
  }
  throw new Error('"title" must be 1 to 64 letters, digits, spaces and hyphens');
}

function parseNote(input: unknown): { readonly title: string; readonly text: string } {
  const { text } = Object(input);
  if (typeof text === "string" && text.length <= MAX_TEXT) return { ...parseTitle(input), text };
  throw new Error(`"text" must be a text of at most ${MAX_TEXT} characters`);
}

const add = defineTool({
  name: "add",
  description: "Keeps a note under a title; one of the same title is replaced",
  input: {
    type: "object",
    properties: { title, text: { type: "string", maxLength: MAX_TEXT } },
    required: ["title", "text"],
  },
  annotations: { destructive: true, idempotent: true },
  parse: parseNote,
  async *run(note, { log }) {
    if ((await readdir(folder)).length >= MAX_NOTES) {
      throw new PluginFailure("full", `There are ${MAX_NOTES} notes; remove one first`);
    }
    // A note is whole or not there: it is written beside its place and then moved.
    const draft = join(folder, `.${note.title}.draft`);
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(note.text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, fileOf(note.title));
    log.info("kept a note", { characters: note.text.length });
    yield { text: `Kept "${note.title}"` };
  },
});

const list = defineTool({
  name: "list",
  description: "Lists the titles of all notes, newest first",
  input: { type: "object", properties: {} },
  annotations: { readOnly: true },
  parse: () => undefined,
  async *run() {
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.txt$/u.test(name));
    const notes = await Promise.all(
      names.map(async (name) => ({
        title: name.slice(0, -".txt".length),
        changed: (await stat(join(folder, name))).mtimeMs,
      })),
    );
    const titles = notes.toSorted((left, right) => right.changed - left.changed);
    yield { structured: { titles: titles.map((note) => note.title) } };
  },
});

const read = defineTool({
  name: "read",
  description: "Reads the note of a title",
  input: { type: "object", properties: { title }, required: ["title"] },
  annotations: { readOnly: true },
  parse: parseTitle,
  async *run(note) {
    yield { text: await readFile(fileOf(note.title), "utf8").catch(() => absent(note.title)) };
  },
});

const remove = defineTool({
  name: "remove",
  description: "Removes the note of a title",
  input: { type: "object", properties: { title }, required: ["title"] },
  annotations: { destructive: true, idempotent: true },
  parse: parseTitle,
  async *run(note) {
    await rm(fileOf(note.title)).catch(() => absent(note.title));
    yield { text: `Removed "${note.title}"` };
  },
});

function absent(name: string): never {
  throw new PluginFailure("not_found", `There is no note "${name}"`);
}

await serve({ name: "notes", version: "1.0.0", tools: [add, list, read, remove] });
