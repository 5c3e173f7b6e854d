import { StringDecoder } from "node:string_decoder";
import { Transform } from "node:stream";

/** Shorter values would take ordinary words out of every line. */
const MIN_LENGTH = 4;
/** Values of one plugin that are remembered; those before the last changes are forgotten first. */
const MAX_VALUES = 128;
const HIDDEN = "[secret]";

/** Takes the secrets that a plugin was given out of what is kept of it. */
export interface Redaction {
  /** Remembers values that a plugin is about to be given; those before stay hidden. */
  learn(plugin: string, values: readonly string[]): void;
  /** The text without them. */
  hide(plugin: string, text: string): string;
  /** A stream that does the same, also for a value that comes in pieces. */
  stream(plugin: string): Transform;
}

/** Makes a redaction that knows nothing yet. */
export function createRedaction(): Redaction {
  const values = new Map<string, Set<string>>();
  const forms = new Map<string, readonly string[]>();
  const formsOf = (plugin: string): readonly string[] => forms.get(plugin) ?? [];
  return {
    learn(plugin, given) {
      const known = values.get(plugin) ?? new Set();
      values.set(plugin, known);
      for (const value of given) {
        known.delete(value);
        known.add(value);
      }
      for (const oldest of known) if (known.size > MAX_VALUES) known.delete(oldest);
      forms.set(plugin, writtenForms(known));
    },
    hide: (plugin, text) => hide(text, formsOf(plugin)),
    stream: (plugin) => hidingStream(() => formsOf(plugin)),
  };
}

/** How programs write a value: as it is, each line of it, in JSON, in a URL, in base64. Longest first, so that no part is left of one. */
function writtenForms(values: ReadonlySet<string>): readonly string[] {
  const lines = [...values].flatMap((value) => value.split(/\r?\n/u).map((line) => line.trim()));
  const whole = [...values].flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    Buffer.from(value).toString("base64"),
    Buffer.from(value).toString("base64url"),
  ]);
  const useful = new Set([...lines, ...whole].filter((form) => form.length >= MIN_LENGTH));
  return [...useful].toSorted((left, right) => right.length - left.length);
}

function hide(text: string, forms: readonly string[]): string {
  let hidden = text;
  for (const form of forms) hidden = hidden.replaceAll(form, HIDDEN);
  return hidden;
}

function hidingStream(forms: () => readonly string[]): Transform {
  const decoder = new StringDecoder("utf8");
  let held = "";
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const known = forms();
      const text = hide(held + decoder.write(chunk), known);
      const at = text.length - begun(text, known);
      held = text.slice(at);
      done(undefined, text.slice(0, at));
    },
    flush(done) {
      done(undefined, hide(held + decoder.end(), forms()));
    },
  });
}

/** How much of the end of a text could be the beginning of a value. */
function begun(text: string, forms: readonly string[]): number {
  let longest = 0;
  for (const form of forms) {
    const most = Math.min(form.length - 1, text.length);
    for (let length = most; length > longest; length -= 1) {
      if (text.endsWith(form.slice(0, length))) longest = length;
    }
  }
  return longest;
}
