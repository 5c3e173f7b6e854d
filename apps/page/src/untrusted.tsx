import type { ComponentChild } from "preact";

/** What does not show, or changes how the rest shows: it is shown as its number, so that a text says what it holds. */
const hidden = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Makes a stranger's text one that shows whole. */
export const visible = (text: string): string =>
  text.replaceAll(hidden, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);

/** A stranger's text: a text node, set apart from what the gateway says, with its own direction. */
export function Untrusted({ text }: { readonly text: string }): ComponentChild {
  return (
    <bdi class="untrusted" translate={false}>
      {visible(text)}
    </bdi>
  );
}
