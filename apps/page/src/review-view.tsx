import type { ComponentChild } from "preact";
import type { Who } from "./client.ts";
import type { Waiting } from "./facts.ts";
import { OneReview } from "./one-review.tsx";
import { Badge, Facts, Heading, Note, useAsked } from "./parts.tsx";
import { Untrusted } from "./untrusted.tsx";

/** What waits for a person, and one of it in full. */
export function ReviewView({
  plugin,
  who,
}: {
  readonly plugin: string | undefined;
  readonly who: Who;
}): ComponentChild {
  return plugin === undefined ? (
    <WaitingList />
  ) : (
    <OneReview key={plugin} plugin={plugin} who={who} />
  );
}

const stands = {
  staged: { tone: "warn", text: "waits for a review" },
  awaiting_consent: { tone: "warn", text: "nobody agreed to it" },
  refused: { tone: "bad", text: "refused" },
} as const;

function WaitingList(): ComponentChild {
  const { value: waiting, fault } = useAsked<readonly Waiting[]>("/v1/reviews", 5_000);
  return (
    <>
      <Heading text="Review" />
      {fault === undefined ? null : <Note tone="bad">{fault}</Note>}
      {waiting?.length === 0 ? (
        <p>Nothing waits. What sigil add brings stands here until a person has agreed to it.</p>
      ) : null}
      <ul class="cards">
        {(waiting ?? []).map(({ name, state, version, source, reason }) => (
          <li key={name}>
            <article class="card" aria-labelledby={`waiting-${name}`}>
              <header>
                <h2 id={`waiting-${name}`}>
                  <a href={`#/review/${name}`}>
                    <Untrusted text={name} />
                  </a>
                </h2>
                <Badge {...stands[state]} />
              </header>
              <Facts
                rows={[
                  ...(version === undefined
                    ? []
                    : [["Version", <Untrusted text={version} />] as const]),
                  ...(source === undefined ? [] : [["From", <Untrusted text={source} />] as const]),
                ]}
              />
              {reason === undefined ? null : <Untrusted text={reason} />}
            </article>
          </li>
        ))}
      </ul>
    </>
  );
}
