import type { Content } from "./vocabulary.ts";

/** A piece of a result as MCP has it. */
export type Block =
  | { type: "text"; text: string }
  | { type: "image" | "audio"; mimeType: string; data: string }
  | { type: "resource_link"; uri: string; name: string; mimeType?: string }
  | {
      type: "resource";
      resource:
        | { uri: string; mimeType: string; blob: string }
        | { uri: string; mimeType?: string; text: string };
    };

/** Writes down a piece of a result: an image or audio by its media type, any other bytes as a resource of its own. */
export function blockOf(content: Content, index: number): Block {
  if (content.kind === "text") {
    const { text, source } = content;
    if (!source) return { type: "text", text };
    const { linkName: linked, ...place } = source;
    if (linked !== undefined) return { type: "resource_link", name: linked, ...place };
    return { type: "resource", resource: { ...place, text } };
  }
  const { mimeType, data, name } = content;
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  const [family] = mimeType.toLowerCase().split("/", 1);
  if (family === "image" || family === "audio") return { type: family, mimeType, data: base64 };
  return { type: "resource", resource: { uri: uriOf(name, index), mimeType, blob: base64 } };
}

/** A name that is a URI stays one; any other becomes a name within the result. */
function uriOf(name: string | undefined, index: number): string {
  if (name !== undefined && URL.canParse(name)) return name;
  return `sigil:result/${index}${name === undefined ? "" : `/${encodeURIComponent(name.toWellFormed())}`}`;
}
