import type { ComponentChild, ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { announce } from "./announce.tsx";
import { ask, messageOf } from "./client.ts";
import type { Isolation } from "./facts.ts";
import { Untrusted } from "./untrusted.tsx";

/** How something stands; each has a sign and words of its own, never a colour alone. */
export type Tone = "good" | "plain" | "warn" | "bad";
const signs = { good: "✓", plain: "○", warn: "!", bad: "✕" } as const satisfies Record<
  Tone,
  string
>;

/** A word with its sign. */
export function Badge({
  tone,
  text,
}: {
  readonly tone: Tone;
  readonly text: string;
}): ComponentChild {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{signs[tone]}</span> {text}
    </span>
  );
}

/** A remark that stands out. */
export function Note({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ComponentChildren;
}): ComponentChild {
  return (
    <p class={`note ${tone}`}>
      <span aria-hidden="true">{signs[tone]}</span> <span>{children}</span>
    </p>
  );
}

/** The head of a view; it takes the focus when the view is opened, so that it is read first. */
export function Heading({ text }: { readonly text: string }): ComponentChild {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${text} – Sigil gateway`;
    head.current?.focus();
  }, [text]);
  return (
    <h1 ref={head} tabIndex={-1}>
      {text}
    </h1>
  );
}

/** A button that does one thing at a time and says how it ended. */
export function Act({
  text,
  about = "",
  look = "",
  disabled = false,
  run,
}: {
  readonly text: string;
  /** What it is done to, for who hears the button alone. */
  readonly about?: string;
  readonly look?: "" | "main" | "danger";
  readonly disabled?: boolean;
  readonly run: () => Promise<unknown>;
}): ComponentChild {
  const [isBusy, setBusy] = useState(false);
  const click = async (): Promise<void> => {
    if (isBusy || disabled) return;
    setBusy(true);
    try {
      await run();
    } finally {
      setBusy(false);
    }
  };
  // It keeps the focus while it is busy: a button that is disabled loses it.
  return (
    <button
      type="button"
      class={look}
      aria-disabled={isBusy || disabled}
      onClick={() => void click()}
    >
      {isBusy ? `${text}…` : text}
      {about === "" ? null : <span class="unseen"> {about}</span>}
    </button>
  );
}

/** What was asked for, and what went wrong with it. */
export interface Asked<T> {
  readonly value: T | undefined;
  readonly fault: string | undefined;
  readonly again: () => Promise<void>;
}

/** Asks once, and again every so often while the page is looked at. */
export function useAsked<T>(path: string, everyMs?: number): Asked<T> {
  const [value, setValue] = useState<T>();
  const [fault, setFault] = useState<string>();
  const again = useCallback(async () => {
    try {
      setValue(await ask<T>("GET", path));
      setFault(undefined);
    } catch (error) {
      setFault(messageOf(error));
    }
  }, [path]);
  useEffect(() => {
    void again();
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => !document.hidden && void again(), everyMs);
    return () => clearInterval(timer);
  }, [again, everyMs]);
  return { value, fault, again };
}

/** Does something and says what came of it, here and to who listens. */
export function useOutcome(): {
  readonly outcome: ComponentChild;
  readonly attempt: <T>(work: () => Promise<T>, said: (done: T) => [Tone, string]) => Promise<void>;
} {
  const [said, setSaid] = useState<[Tone, string]>();
  return {
    outcome: said ? (
      <Note tone={said[0]}>
        <Untrusted text={said[1]} />
      </Note>
    ) : null,
    async attempt(work, words) {
      const result = await work().then(words, (error: unknown): [Tone, string] => [
        "bad",
        messageOf(error),
      ]);
      setSaid(result);
      announce(result[1]);
    },
  };
}

/** Rows of a name and what it is. */
export function Facts({
  rows,
}: {
  readonly rows: readonly (readonly [string, ComponentChildren])[];
}): ComponentChild {
  return (
    <dl class="facts">
      {rows.map(([name, what]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What can be touched, a row for each kind of thing; such a line begins with a word for the kind. */
export function Touches({ lines }: { readonly lines: readonly string[] }): ComponentChild {
  const rows = lines.map((line): readonly [string, ComponentChild] => {
    const [, kind = "", rest = line] = /^(\w+) {2,}(.*)$/u.exec(line) ?? [];
    return [kind, <Untrusted key={kind} text={rest} />];
  });
  return <Facts rows={rows} />;
}

/** Lines of a stranger's, or of text that quotes them. */
export function Lines({ lines }: { readonly lines: readonly string[] }): ComponentChild {
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={line}>
          <Untrusted text={line} />
        </li>
      ))}
    </ul>
  );
}

const tones = { memory: "good", contained: "good", gaps: "warn", none: "bad" } as const;

/** The rating of an isolation, with what it rests on. */
export function IsolationRating({ isolation }: { readonly isolation: Isolation }): ComponentChild {
  return (
    <details class="rating">
      <summary>
        <Badge tone={tones[isolation.rating]} text={isolation.words} />
      </summary>
      <Lines lines={isolation.reasons} />
    </details>
  );
}

/** A time of day, with the whole of it for who asks. */
export function When({ at }: { readonly at: string | undefined }): ComponentChild {
  if (at === undefined) return <span>unknown</span>;
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={at}>
      {isToday ? time.toLocaleTimeString() : time.toLocaleString()}
    </time>
  );
}
