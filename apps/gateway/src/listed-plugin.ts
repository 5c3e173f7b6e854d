import { isMap, parseDocument } from "yaml";

/**
 * Puts a plugin into the text of a configuration and leaves every other character as it is: comments and form are the operator's.
 *
 * @throws Error when the text is no mapping
 */
export function withListedPlugin(text: string, name: string, path: string): string {
  const entry = `${name}: { path: ${JSON.stringify(path)} }`;
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error(`Cannot list "${name}": the configuration is no mapping`);
  const plugins: unknown = contents.get("plugins", true);
  if (!isMap(plugins) || !plugins.range) {
    return `${text}${text.endsWith("\n") ? "" : "\n"}plugins:\n  ${entry}\n`;
  }
  const { items, flow } = plugins;
  const [start, end] = plugins.range;
  if (flow === true && items.length === 0) {
    return `${text.slice(0, start).trimEnd()}\n  ${entry}${text.slice(end)}`;
  }
  if (flow === true) {
    const inside = text.slice(start, end - 1).trimEnd();
    return `${inside === "" ? "" : text.slice(0, start)}${inside}, ${entry} ${text.slice(end - 1)}`;
  }
  const indent = " ".repeat(start - text.lastIndexOf("\n", start - 1) - 1);
  const block = text.slice(0, end).trimEnd();
  return `${block}\n${indent}${entry}${text.slice(block.length)}`;
}
