import type { ComponentChild } from "preact";
import type { SurfaceChange } from "./facts.ts";
import { type DifferentLine, differenceOf } from "./text-difference.ts";
import { Untrusted, visible } from "./untrusted.tsx";

const kinds = { capabilities: "Right", hooks: "Hook", tools: "Tool" } as const;

/** What a plugin says otherwise than when it was approved. */
export function Change({ change }: { readonly change: SurfaceChange }): ComponentChild {
  const { list, name, member, before, after } = change;
  const what = before === undefined ? "new" : after === undefined ? "gone" : "changed";
  const lines = differenceOf(before, after);
  return (
    <article class="change">
      <h3>
        {kinds[list]} <Untrusted text={name} />
        {member === undefined ? ` is ${what}` : `, ${member} ${what}`}
      </h3>
      {lines.length === 0 ? null : (
        <pre class="difference">
          {lines.map((line, index) => (
            <Line key={index} line={line} isPart={line.before + line.after !== ""} />
          ))}
        </pre>
      )}
    </article>
  );
}

function Line({
  line,
  isPart,
}: {
  readonly line: DifferentLine;
  readonly isPart: boolean;
}): ComponentChild {
  const text = (
    <bdi>
      {visible(line.before)}
      {isPart && line.middle !== "" ? <mark>{visible(line.middle)}</mark> : visible(line.middle)}
      {visible(line.after)}
    </bdi>
  );
  return line.sign === "-" ? (
    <del>
      <span aria-hidden="true">− </span>
      <span class="unseen">before: </span>
      {text}
      {"\n"}
    </del>
  ) : (
    <ins>
      <span aria-hidden="true">+ </span>
      <span class="unseen">now: </span>
      {text}
      {"\n"}
    </ins>
  );
}
