import { isDeeperThan, isObject } from "./json.ts";
import { PluginFailure } from "./plugin-failure.ts";

/** The longest text of arguments, in characters. */
const MAX_CHARACTERS = 4_194_304;
/** How deep containers of arguments may lie in each other. */
const MAX_DEPTH = 64;

/** Reads the arguments of a call; an empty text is no arguments. Throws {@link PluginFailure} `invalid_arguments`. */
export function parseArguments(text: string): unknown {
  if (text === "") return {};
  if (text.length > MAX_CHARACTERS) {
    throw refused(`they have ${text.length} characters, at most ${MAX_CHARACTERS} are read`);
  }
  // Deep nesting costs far more memory once it is read than it does as text.
  if (isDeeperThan(MAX_DEPTH, text)) throw refused(`they are nested more than ${MAX_DEPTH} deep`);
  const value = parsedJson(text);
  if (!isObject(value)) throw refused("they are no JSON object");
  return value;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused("they are not JSON", error);
  }
}

const refused = (found: string, cause?: unknown): PluginFailure =>
  new PluginFailure("invalid_arguments", `Cannot read the arguments: ${found}`, { cause });
